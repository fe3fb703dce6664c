"""Compensates for two differences between MiniStack and AWS; template.yaml remains as AWS requires it.

AWS has no action sqs:SendMessageBatch: the permission for one message covers ten. MiniStack checks the action by that name. Every
role of the stack that may sqs:SendMessage gets it for the same queues, in a separate policy.

MiniStack stores an event source mapping's MaximumConcurrency as the text of the template's parameter, and then cannot
compare it with a number, so that a standard queue is never polled. This script writes it again as a number.
"""

import json
import sys

import boto3


def send_batches(stack):
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


def number_concurrency(stack):
    functions = boto3.client("lambda")
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            limit = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
            if limit is not None and f":function:{stack}-" in mapping["FunctionArn"]:
                functions.update_event_source_mapping(
                    UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(limit)}
                )


send_batches(sys.argv[1])
number_concurrency(sys.argv[1])
