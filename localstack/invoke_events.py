"""Sends every deployed function its committed event and checks the form of its reply."""

import json
import sys

import boto3

stack, *functions = sys.argv[1:]
client = boto3.client("lambda")
wrong = []
for function in functions:
    event = "relay" if function.endswith("-relay") else function
    with open(f"localstack/events/{event}.json", encoding="utf-8") as file:
        answer = client.invoke(FunctionName=f"{stack}-{function}", Payload=file.read())
    body = json.loads(answer["Payload"].read())
    # An HTTP function may reply with any status below 500; the others reply with the items that failed.
    good = "FunctionError" not in answer and (body.get("statusCode", 500) < 500 or "batchItemFailures" in body)
    if not good:
        wrong.append(f"{function}: {json.dumps(body)[:500]}")
print("\n".join(wrong) or f"{len(functions)} functions answered their events")
sys.exit(bool(wrong))
