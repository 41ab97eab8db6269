#!/usr/bin/env bash
# Runs the steps of action.yml on repositories of two branches, as GitHub would: ci/github/test-action.sh [FIXLOOP]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-python3}" ci/run-templates.py "${1:-target/debug/fixloop}" github
