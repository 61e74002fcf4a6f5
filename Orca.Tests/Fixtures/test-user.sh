#!/usr/bin/env bash
# test-user.sh NAME [subids]: makes an ordinary account that has no range of sub-ids, as on a machine where nobody asked the administrator;
# or one that has 65536 that nobody else has, as useradd(8) gives them. What is right already stays as it is: another's tests may be using it.
[[ ${ORCA_PLAIN:-} ]] || exec "$(dirname "$0")/../../.ci/plain" "$0" "$@"
set -euo pipefail
name=$1
exec 9>/var/tmp/orca-test-user.lock
flock 9
id "$name" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$name"

# ranges FILE: the sub-ids of the account.
ranges() { [[ ! -f $1 ]] || sed -n "s/^$name://p" "$1"; }

uids=$(ranges /etc/subuid) gids=$(ranges /etc/subgid)
if [[ ${2:-} == subids ]]; then
  [[ $uids == *:65536 && $uids == "$gids" && $uids != *$'\n'* ]] && exit 0
else
  [[ -z $uids$gids ]] && exit 0
fi
for file in /etc/subuid /etc/subgid; do
  [[ -f $file ]] && sed -i "/^$name:/d" "$file"
done
if [[ ${2:-} == subids ]]; then
  touch /etc/subuid /etc/subgid
  first=$(cat /etc/subuid /etc/subgid | awk -F: 'BEGIN { end = 200000 } $2 + $3 > end { end = $2 + $3 } END { print end }')
  for file in /etc/subuid /etc/subgid; do
    echo "$name:$first:65536" >>"$file"
  done
fi
exit 0
