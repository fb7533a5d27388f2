#!/usr/bin/env bash
# Installs the Session Manager plugin, which the health check after a deployment needs, once its signature is AWS's.
set -euo pipefail

url=https://s3.amazonaws.com/session-manager-downloads/plugin/latest/ubuntu_64bit/session-manager-plugin.deb
# Key and fingerprint as AWS publishes them: "Verify the signature of the Session Manager plugin" in the user guide of Systems Manager.
key=$(dirname "${BASH_SOURCE[0]}")/session-manager-plugin.gpg
fingerprint=7959637124CE093AD501D47A2C4D4AFF6F6757EE

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
deb=$folder/session-manager-plugin.deb
curl -fsS --retry 3 -o "$deb" "$url"
curl -fsS --retry 3 -o "$deb.sig" "$url.sig"

export GNUPGHOME=$folder
gpg --batch --quiet --import "$key"
# VALIDSIG comes only with a good signature, and names the key that made it.
said=$(gpg --batch --status-fd 1 --verify "$deb.sig" "$deb") || true
if [[ $said != *"[GNUPG:] VALIDSIG $fingerprint "* ]]; then
  echo "::error::the signature of $url is not by AWS's key $fingerprint"
  exit 1
fi
sudo dpkg -i "$deb"
