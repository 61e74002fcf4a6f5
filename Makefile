# make          builds dist/orca, one static binary
# make arm64    builds dist/arm64/orca, the same for 64-bit ARM
# make release  builds both and puts them with their checksums into dist/release
# make pack     puts the NuGet packages of the libraries into artifacts/packages
# make run      builds it and runs a container from an image built into it
# make check    runs what needs neither root nor images nor the binary, and no sweep, in two minutes: before each commit
# make test     runs every test, the end-to-end ones on dist/orca; sweeps, kills and fuzzing as seeded samples
# make test-long  the same with every case of each sweep; takes hours
# make fuzz     feeds mutated bytes to what reads foreign ones, ORCA_TEST_FUZZ_SECONDS (60) for each of the seven targets
# make bench    measures orca beside its peers and writes bench/README.md
# make format   brings the sources into the project's style
# make clean    removes what the build made
# Each installs what it misses when root runs it, and says what to install otherwise.
#
# How much the tests try (Orca.Tests/README.md):
#   ORCA_TEST_SEED=N          repeats the random choices of a run that printed N
#   ORCA_TEST_LONG=1          every case instead of a sample: what 'make test-long' sets
#   ORCA_TEST_TIMES=N         N times as many rounds of what has no last case: kills at random moments, random layers, fuzzing
#   ORCA_TEST_FUZZ_SECONDS=S  time for each fuzz target, in place of rounds

.PHONY: all build arm64 release pack run check room test test-long fuzz bench format clean
.NOTPARALLEL:

compilers = clang=clang ld.lld=lld llvm-objcopy=llvm cmake=cmake ar=binutils

all: build

build:
	@.ci/need "the build" $(compilers) /usr/lib/*/libssl.a=libssl-dev /usr/lib/*/libz.a=zlib1g-dev
	@.ci/publish dist/orca
	@printf 'dist/orca: %s bytes\n' "$$(stat -c %s dist/orca)"

arm64:
	@.ci/need "the build for arm64" $(compilers)
	@.ci/publish dist/arm64/orca arm64
	@printf 'dist/arm64/orca: %s bytes\n' "$$(stat -c %s dist/arm64/orca)"

release: build arm64
	@mkdir -p dist/release
	@install -m 755 dist/orca dist/release/orca-linux-x64
	@install -m 755 dist/arm64/orca dist/release/orca-linux-arm64
	@cd dist/release && sha256sum orca-linux-x64 orca-linux-arm64 | tee SHA256SUMS

pack:
	@.ci/need "the packages" $(compilers) dotnet=dotnet-sdk-10.0
	@.ci/pack
	@ls -l artifacts/packages

run: build
	@dist/orca hello

check:
	@.ci/need "make check" dotnet=dotnet-sdk-10.0 clang=clang ld.lld=lld ar=binutils openssl=openssl /bin/busybox=busybox-static
	@.ci/test without

room:
	@.ci/test room

test: room build
	@.ci/need "the tests" tmux=tmux setpriv=util-linux script=bsdutils openssl=openssl curl=curl git=git \
	  docker-registry=docker-registry buildah=buildah skopeo=skopeo umoci=umoci podman=podman dockerd=docker.io zstd=zstd lz4=lz4 bsdtar=libarchive-tools python3=python3 mmdebstrap=mmdebstrap strace=strace /bin/busybox=busybox-static newuidmap=uidmap \
	  mkfs.btrfs=btrfs-progs mkfs.xfs=xfsprogs mkfs.ext4=e2fsprogs keyctl=keyutils ip=iproute2 \
	  bindfs=bindfs sshfs=sshfs socat=socat /usr/lib/openssh/sftp-server=openssh-sftp-server mkfs.exfat=exfatprogs mount.exfat-fuse=exfat-fuse \
	  /usr/aarch64-linux-gnu/include/asm/unistd.h=linux-libc-dev-arm64-cross /usr/arm-linux-gnueabihf/include/asm/unistd.h=linux-libc-dev-armhf-cross
	@.ci/test

test-long: export ORCA_TEST_LONG = 1
test-long: test

fuzz:
	@.ci/plain dotnet build Orca.Tests -c Release -v q --nologo -clp:NoSummary
	@ORCA_TEST_FUZZ_SECONDS=$${ORCA_TEST_FUZZ_SECONDS:-60} .ci/plain dotnet test Orca.Tests -c Release --no-build --nologo \
	  --filter TestCategory=Fuzz --logger 'console;verbosity=normal'

bench: build
	@.ci/need "the bench" hyperfine=hyperfine python3=python3 bwrap=bubblewrap iptables=iptables strace=strace script=bsdutils crun=crun podman=podman dockerd=docker.io curl=curl \
	  docker-registry=docker-registry buildah=buildah mmdebstrap=mmdebstrap /bin/busybox=busybox-static \
	  skopeo=skopeo umoci=umoci ch-image=charliecloud /usr/lib/python3/dist-packages/lark=python3-lark /usr/lib/python3/dist-packages/requests=python3-requests
	@bench/run.sh
	@bench/filter.sh
	@bench/pull.sh

format:
	@dotnet format orca.sln

clean:
	@rm -rf artifacts dist
