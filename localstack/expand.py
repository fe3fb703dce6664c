"""Prints template.yaml as CloudFormation sees it after its transforms, as JSON, with every parameter at
its default."""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names no managed policy by its short name."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
# The language extensions are left to CloudFormation: SAM passes a parameter as DeletionPolicy on.
template["Transform"] = "AWS::Serverless-2016-10-31"
for resource in template["Resources"].values():
    properties = resource.get("Properties", {})
    if "CodeUri" in properties:
        # Packaging uploads the folder to a bucket; the test reads the folder's name.
        properties["CodeUri"] = "s3://packaged/" + properties["CodeUri"]
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2, sort_keys=True)
