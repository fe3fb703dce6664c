"""Prints template.yaml as CloudFormation sees it after its transforms, as JSON, with the loops expanded and every
parameter at its default."""

import json
import sys

from samcli.lib.cfn_language_extensions.api import create_default_intrinsic_resolver
from samcli.lib.cfn_language_extensions.models import ResolutionMode, TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors import ForEachProcessor, TemplateParsingProcessor
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """The template names no managed policy by its short name."""

    def load(self):
        return {}


with open(sys.argv[1], encoding="utf-8") as file:
    context = TemplateProcessingContext(fragment=yaml_parse(file.read()), resolution_mode=ResolutionMode.PARTIAL)
# Only the loops of the language extensions are processed. CloudFormation computes the others.
TemplateParsingProcessor().process_template(context)
ForEachProcessor(create_default_intrinsic_resolver(context)).process_template(context)
template = context.fragment
template["Transform"] = "AWS::Serverless-2016-10-31"
for resource in template["Resources"].values():
    properties = resource.get("Properties", {})
    if "CodeUri" in properties:
        # Packaging uploads the folder to a bucket; the test reads the folder's name.
        properties["CodeUri"] = "s3://packaged/" + properties["CodeUri"]
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2, sort_keys=True)
