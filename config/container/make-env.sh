#!/bin/sh
# Writes .env (or the file named) with new secrets for compose.yaml, and prints the API key, of which only the hash is
# kept. A file that is already there stays as it is.
set -eu
file=${1:-$(dirname "$0")/../../.env}

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

if [ -e "$file" ]; then
  echo 'There is an .env already. Remove it first if you want new secrets.' >&2
  exit 1
fi
key="ak_$(random)"
umask 077
cat >"$file" <<END
ALADDIN_AMI_SECRET=$(random)
ALADDIN_ARI_PASSWORD=$(random)
ALADDIN_PHONE_PASSWORD=$(random)
ALADDIN_API_KEY_SHA256=$(printf %s "$key" | sha256)
END
echo "Wrote the secrets to .env. The key for the API, shown only now:  $key"
