#!/usr/bin/env bash
# Checks template.yaml and template.alarms.yaml without deploying them: runs cfn-lint with the serverless rules, SAM's own validation and SAM's expansion. If the
# workspace has a test program `template`, it checks the expanded template as well.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$SCRIPTS/setup.sh" sam
emulator_credentials
export PATH=$TOOLS/sam/bin:$PATH

say "cfn-lint, with the serverless rules"
cfn-lint --append-rules cfn_lint_serverless.rules -- template.yaml template.alarms.yaml
say "sam validate --lint"
sam validate --lint --template-file template.yaml
say "the expanded template"
mkdir -p target
"$TOOLS/sam/bin/python" "$SCRIPTS/expand.py" template.yaml >target/template.expanded.json
if [[ -n $(packages_with test template) ]]; then
    BELVEDERE_EXPANDED_TEMPLATE=$PWD/target/template.expanded.json \
        cargo test --workspace --locked --test template -- --include-ignored
fi
