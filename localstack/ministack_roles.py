"""Makes up for one difference between MiniStack's IAM and AWS's.

AWS has no action sqs:SendMessageBatch: who may send one message may send ten. MiniStack looks for it by that name. Every
role of the stack that may sqs:SendMessage gets it for the same queues, in a policy of its own; template.yaml stays as AWS
wants it.
"""

import json
import sys

import boto3

stack = sys.argv[1]
iam = boto3.client("iam")
pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
roles = [
    resource["PhysicalResourceId"]
    for page in pages
    for resource in page["StackResourceSummaries"]
    if resource["ResourceType"] == "AWS::IAM::Role"
]
for role in roles:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        sends = [statement for statement in document["Statement"] if statement["Action"] == "sqs:SendMessage"]
        if sends:
            batches = [statement | {"Action": "sqs:SendMessageBatch"} for statement in sends]
            iam.put_role_policy(
                RoleName=role,
                PolicyName="send-batches",
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": batches}),
            )
