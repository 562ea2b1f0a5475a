#!/bin/sh
# Installs the servers that deliveries are tried with, from Debian packages, where it may: as root, with apt-get.
# Where it may not it says so and ends well: the tests then skip, which CI does not let them.
# Tests start the servers themselves: none is to run, not now and not after the next start of the machine.
set -eu

packages="openssh-server xrootd-server xrootd-server-plugins nginx libnginx-mod-http-dav-ext apache2 rsync"
policy=/usr/sbin/policy-rc.d

give_up() {
    echo "servers: $1; tests of deliveries to real servers are skipped"
    exit 0
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $packages; do
    is_installed "$package" || missing="${missing:+$missing }$package"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || give_up "no apt-get here that could install $missing"
[ "$(id -u)" = 0 ] || give_up "not installed, and only root may: $missing"

if [ ! -e "$policy" ]; then # asked by Debian's packages before they start anything
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
echo "servers: installing $missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words of a list
{ apt-get -qq update && apt-get -qq --yes --no-install-recommends install $missing; } >/dev/null ||
    give_up "apt-get did not install $missing"

if [ -d /run/systemd/system ]; then # installing them has enabled them
    for package in $missing; do
        case $package in
        openssh-server) systemctl --quiet disable ssh.service ;;
        nginx | apache2) systemctl --quiet disable "$package.service" ;;
        esac
    done
fi
