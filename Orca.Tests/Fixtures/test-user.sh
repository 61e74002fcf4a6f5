#!/usr/bin/env bash
# test-user.sh NAME: makes an ordinary account that has no range of sub-ids, as on a machine where nobody asked the administrator.
set -euo pipefail
name=$1
id "$name" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$name"
for ranges in /etc/subuid /etc/subgid; do
  [[ -f $ranges ]] && sed -i "/^$name:/d" "$ranges"
done
exit 0
