#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds CometBFT as FOLDER/bin/cometbft, unless that version is there. Usage: cometbft.sh FOLDER
#
# The Go that builds it is a module of its own, fetched like CometBFT itself from the proxy that GOPROXY names (or Go's
# default); any older Go, such as Debian's, can fetch it. Go checks both against its checksum database.
set -euo pipefail
comet=v0.38.17
go_release=go1.23.4

[ $# -eq 1 ] || { echo "usage: cometbft.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
if [ "$("$folder/bin/cometbft" version 2>/dev/null)" = "${comet#v}" ]; then
  echo "CometBFT $comet is there"
  exit 0
fi
command -v go >/dev/null || { echo "no Go to fetch with. Fix: apt-get install golang-go" >&2; exit 1; }

case $(uname -m) in
  x86_64) machine=amd64 ;;
  aarch64) machine=arm64 ;;
  *) echo "no Go release for $(uname -m) is known here" >&2; exit 1 ;;
esac
# Nothing outside the folder is read or written; caches that can be removed like any file.
export GOPATH=$folder/go GOCACHE=$folder/cache GOENV=off GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0
unset GOROOT GOBIN GO111MODULE
cd "$folder"
toolchain=golang.org/toolchain@v0.0.1-$go_release.linux-$machine
go mod download "$toolchain"
root=$GOPATH/pkg/mod/$toolchain
# A module's files come without their execute bits.
chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
GOROOT=$root GOBIN=$folder/bin "$root/bin/go" install "github.com/cometbft/cometbft/cmd/cometbft@$comet"
[ "$("$folder/bin/cometbft" version)" = "${comet#v}" ]
rm -rf "$folder/go" "$folder/cache"
echo "CometBFT $comet built"
