#!/usr/bin/env bash
# The servers that the tests need: PostgreSQL and RabbitMQ.
#
#   eval "$(deploy/testinfra.sh up)"     finds or starts them, prints their addresses as exports
#   deploy/testinfra.sh env              prints them again
#   deploy/testinfra.sh down             stops what `up` started, and nothing else
#
# Taken in this order: KOPPELING_TEST_DATABASE_URL and KOPPELING_TEST_BROKER_URL; what answers on 127.0.0.1 with
# the usual credentials; private servers in a directory of their own. KOPPELING_PRIVATE_SERVERS=1 starts private
# ones whatever answers. Without the servers' programs, they are installed where that is allowed (root, Debian).
# Tests make databases and queues with random names of their own, wherever they run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
state=$root/.test-servers
rabbit_server=/usr/lib/rabbitmq/bin/rabbitmq-server # not /usr/sbin's, which changes user and directory

say() { printf 'testinfra: %s\n' "$*" >&2; }

answers() { # database|broker: something answers that takes the usual login
    (cd "$root" && "$python" -m tests.servers "$1" >/dev/null 2>&1)
}

free_port() { # below the ephemeral range, where an outgoing connection may take it
    "$python" - <<'EOF'
import random, socket
while True:
    port = random.randrange(18000, 30000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
EOF
}

initdb() { ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1; }

install_programs() {
    if [ -x "$rabbit_server" ] && [ -n "$(initdb)" ]; then return; fi
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || { say "PostgreSQL and RabbitMQ are not installed, and this user may not install them"; exit 1; }
        sudo=(sudo -n)
    fi
    command -v apt-get >/dev/null || { say "PostgreSQL and RabbitMQ are not installed, and there is no apt-get"; exit 1; }
    say "installing rabbitmq-server and postgresql"
    "${sudo[@]}" apt-get update -qq >&2
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server postgresql >&2
}

as_postgres() { # initdb and the server refuse root
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --init-groups --reset-env "$@"
    else
        "$@"
    fi
}

start_postgresql() { # directory port
    local bin
    bin=$(dirname "$(initdb)")
    mkdir -p "$1"
    if [ "$(id -u)" = 0 ]; then chown postgres: "$1"; fi
    as_postgres "$bin/initdb" -D "$1/data" -U koppeling -A trust --no-sync -E UTF8 --locale=C.UTF-8 >"$1.log" 2>&1 ||
        { cat "$1.log" >&2; return 1; }
    as_postgres "$bin/pg_ctl" -D "$1/data" -l "$1/server.log" -w -t 30 \
        -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$1 -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200" \
        start >"$1.log" 2>&1 </dev/null || { cat "$1.log" >&2; return 1; }
}

start_rabbitmq() { # directory port
    local dist epmd
    dist=$(free_port)
    epmd=$(free_port)
    mkdir -p "$1"
    echo "$epmd" >"$1/epmd-port"
    echo '[].' >"$1/enabled_plugins"
    cat >"$1/rabbitmq.conf" <<EOF
listeners.tcp.1 = 127.0.0.1:$2
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 100MB
EOF
    # a node of its own in every respect: cookie, name, port mapper; and schedulers that leave the processor to the tests
    env -i HOME="$1" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        RABBITMQ_NODENAME="koppeling$2@localhost" \
        RABBITMQ_MNESIA_BASE="$1/mnesia" \
        RABBITMQ_LOG_BASE="$1/log" \
        RABBITMQ_CONFIG_FILE="$1/rabbitmq" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$1/enabled_plugins" \
        RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_DIST_PORT="$dist" \
        RABBITMQ_PID_FILE="$1/pid" \
        ERL_EPMD_PORT="$epmd" \
        ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
        setsid "$rabbit_server" >"$1/output" 2>&1 </dev/null &
    disown
}

await_rabbitmq() { # port directory
    for _ in $(seq 900); do
        if "$python" - "$1" 2>/dev/null <<'EOF'; then return; fi
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1) as line:
    line.settimeout(5)
    line.sendall(b"AMQP\0\0\x09\x01")
    sys.exit(line.recv(1) != b"\x01")
EOF
        sleep 0.1
    done
    say "RabbitMQ did not start:"
    cat "$2/output" >&2
    return 1
}

private_directory() { # made once; not in the checkout, whose parents the postgres user may not enter
    if [ ! -e "$state/directory" ]; then
        local made
        made=$(mktemp -d /tmp/koppeling-test-XXXXXX)
        chmod 755 "$made"
        echo "$made" >"$state/directory"
    fi
    cat "$state/directory"
}

wanted() { # database|broker: still none found, unless private ones are asked for
    [ "${KOPPELING_PRIVATE_SERVERS:-}" = 1 ] || ! answers "$1"
}

up() {
    mkdir -p "$state"
    if [ -e "$state/env" ]; then
        # shellcheck disable=SC1091
        if (. "$state/env" && answers database && answers broker); then print_env; return; fi
        down
        mkdir -p "$state"
    fi
    local database=${KOPPELING_TEST_DATABASE_URL:-} broker=${KOPPELING_TEST_BROKER_URL:-} directory port
    if { [ -z "$database" ] && wanted database; } || { [ -z "$broker" ] && wanted broker; }; then
        install_programs
    fi
    if [ -z "$broker" ] && wanted broker; then
        directory=$(private_directory)
        port=$(free_port)
        start_rabbitmq "$directory/rabbitmq" "$port"
        broker="amqp://guest:guest@127.0.0.1:$port/"
    fi
    if [ -z "$database" ] && wanted database; then
        directory=$(private_directory)
        local database_port
        database_port=$(free_port)
        start_postgresql "$directory/postgresql" "$database_port"
        database="postgresql+asyncpg://koppeling@127.0.0.1:$database_port/postgres"
    fi
    if [ -n "${port:-}" ]; then await_rabbitmq "$port" "$directory/rabbitmq"; fi
    {
        echo "export KOPPELING_TEST_DATABASE_URL='${database:-postgresql+asyncpg://postgres@127.0.0.1:5432/postgres}'"
        echo "export KOPPELING_TEST_BROKER_URL='${broker:-amqp://guest:guest@127.0.0.1:5672/}'"
    } >"$state/env"
    print_env
}

print_env() {
    [ -e "$state/env" ] || { say "nothing is up"; exit 1; }
    cat "$state/env"
}

down() {
    if [ -e "$state/directory" ]; then
        local directory
        directory=$(cat "$state/directory")
        if [ -e "$directory/rabbitmq/pid" ]; then stop_rabbitmq "$directory/rabbitmq"; fi
        if [ -e "$directory/postgresql/data/postmaster.pid" ]; then
            as_postgres "$(dirname "$(initdb)")/pg_ctl" -D "$directory/postgresql/data" -m fast stop >/dev/null || true
        fi
        rm -rf "$directory"
    fi
    rm -rf "$state"
}

stop_rabbitmq() { # directory
    local pid
    pid=$(cat "$1/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    # the port mapper outlives its node
    HOME=$1 ERL_EPMD_PORT=$(cat "$1/epmd-port") epmd -kill >/dev/null 2>&1 || true
}

case "${1:-}" in
up) up ;;
down) down ;;
env) print_env ;;
*)
    say "usage: deploy/testinfra.sh up|down|env"
    exit 2
    ;;
esac
