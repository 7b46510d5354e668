# The programs that the tests run against, and how they are installed: read by ./dev, whose words it uses.

# Installs what is missing, where that needs no question: its name, Debian's packages, Homebrew's formula (or -), what to do otherwise.
install_missing() {
  local name=$1 packages=$2 formula=$3 otherwise=$4
  if command -v apt-get >/dev/null && [[ $EUID == 0 ]]; then
    say "$name is missing: installing Debian's $packages."
    # shellcheck disable=SC2086 # Several packages are several words.
    apt_install $packages
  elif [[ $formula != - ]] && command -v brew >/dev/null; then
    say "$name is missing: installing it with 'brew install $formula'."
    brew install "$formula"
  else
    die "$name is missing. $otherwise, and start again."
  fi
}

# The tests let the xDS client in gRPC's C++ core follow the mesh, as Debian's Python has it.
need_grpc() {
  local python=/usr/bin/python3; [[ -x $python ]] || python=python3
  "$python" -c 'import grpc' 2>/dev/null ||
    install_missing 'gRPC for Python' python3-grpcio - "Install it ('sudo apt-get install python3-grpcio', or 'python3 -m pip install grpcio')"
}

# Who reads what Fury writes, tells it of applications, drives its cluster and stands behind the SDK in the tests, as Debian has them. A line each: its
# name, a program of it (some are not on everybody's path), Debian's packages, Homebrew's formula.
need_programs() {
  local name program packages formula
  while IFS='|' read -r name program packages formula <&3; do
    PATH="$PATH:/usr/sbin:/usr/lib/rabbitmq/bin" command -v "$program" >/dev/null ||
      install_missing "$name" "$packages" "$formula" "Install it ('sudo apt-get install $packages')"
  done 3<<TXT
Node.js 18 or newer|npm|nodejs npm|node
Redis 6.2 or newer|redis-server|redis-server|redis
etcd 3.4 or newer|etcd|etcd-server|etcd
NATS 2.9 or newer|nats-server|nats-server|nats-server
RabbitMQ 3.10 or newer|rabbitmq-server|rabbitmq-server|-
Ceph 16 or newer|radosgw|radosgw ceph-mon ceph-osd|-
HAProxy 2.6 or newer|haproxy|haproxy|haproxy
Prometheus 2.30 or newer|prometheus|prometheus|prometheus
kubectl|${FURY_TEST_KUBECTL:-kubectl}|kubernetes-client|kubernetes-cli
Chromium|${FURY_CHROMIUM:-chromium}|chromium|-
TXT
}
