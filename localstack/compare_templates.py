"""Compares two templates that expand.py has printed, resource by resource, and prints the differences.

Lists count as sets, apart from the arguments of functions, whose order means something; text that is JSON counts as what it
says. Ends with 1 if anything differs.
"""

import json
import sys


def normal(value, ordered=False):
    if isinstance(value, dict):
        return {key: normal(member, key.startswith("Fn::")) for key, member in value.items()}
    if isinstance(value, list):
        values = [normal(member) for member in value]
        return values if ordered else sorted(values, key=lambda member: json.dumps(member, sort_keys=True))
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return normal(json.loads(value))
        except json.JSONDecodeError:
            return value
    return value


def differences(one, other, place):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in other:
                yield f"{place}{key}: only in the first"
            elif key not in one:
                yield f"{place}{key}: only in the second"
            else:
                yield from differences(one[key], other[key], f"{place}{key}/")
    elif one != other:
        yield f"{place.rstrip('/')}: {json.dumps(one)} became {json.dumps(other)}"


templates = []
for path in sys.argv[1:3]:
    with open(path, encoding="utf-8") as file:
        templates.append(normal(json.load(file)))
found = list(differences(*templates, ""))
print("\n".join(found) or f"{len(templates[0]['Resources'])} resources, and all alike")
sys.exit(bool(found))
