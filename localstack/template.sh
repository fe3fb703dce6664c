#!/usr/bin/env bash
# Checks template.yaml as far as that goes without deploying it: cfn-lint with the serverless rules, SAM's own validation,
# and that SAM expands it to what it says.
set -euo pipefail
cd "$(dirname "$0")/.."
source localstack/lib.sh

localstack/setup.sh sam ministack
emulator_credentials
export PATH=$PWD/.tools/sam/bin:$PATH

say "cfn-lint, with the serverless rules"
cfn-lint --append-rules cfn_lint_serverless.rules -- template.yaml
say "sam validate --lint"
sam validate --lint --template-file template.yaml
say "the expanded template"
mkdir -p target
.tools/sam/bin/python localstack/expand.py template.yaml >target/template.expanded.json
BELVEDERE_EXPANDED_TEMPLATE=$PWD/target/template.expanded.json \
    cargo test --workspace --locked --test template -- --include-ignored
