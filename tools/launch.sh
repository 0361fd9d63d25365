# What ./cotangent and bench/run share, to be sourced by a POSIX sh with `set -eu`. In: $me, the name
# for messages; $here, the project's folder; $module, the module to run. Out: $jdk, the home of a JDK 25
# or newer; $jars, the folder of the module's jars and all that they need, built if sources changed.
# $prepare, if set, names a command that is run after each build with the new folder in $fresh.
# shellcheck shell=sh
need=25

fail() {
    echo "$me: $1" >&2
    exit 1
}

# The major version of the JDK at $1; nothing when there is none.
major() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}
# Whether the JDK at $1 has at least version $2.
fits() {
    version=$(major "$1")
    [ -n "$version" ] && [ "$version" -ge "$2" ]
}

on_path=$(command -v java || true)
[ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")

find_jdk() {
    for home in "${JAVA25_HOME:-}" "${JAVA_HOME:-}" "$on_path" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /opt/java/* /opt/jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if fits "$home" "$need"; then
            echo "$home"
            return
        fi
    done
}

if [ -n "${COTANGENT_JAVA_HOME:-}" ]; then
    jdk=$COTANGENT_JAVA_HOME
    fits "$jdk" "$need" || fail "COTANGENT_JAVA_HOME is $jdk, which is no JDK $need or newer."
else
    jdk=$(find_jdk)
    [ -n "$jdk" ] || fail "no JDK $need or newer found; install one (e.g. Temurin $need) or set COTANGENT_JAVA_HOME to it."
fi

# target/launch/MODULE/current names the folder beside it that holds the jars of the last good build; it is
# as old as the moment before that build, so an edit made meanwhile counts. Running programs keep
# their folder: a build never writes over jars in use.
launch=$here/target/launch/$module
current=$launch/current

built() {
    [ -f "$current" ] && [ -z "$(find "$here/pom.xml" "$here"/autograd/pom.xml "$here"/nn/pom.xml "$here/$module/pom.xml" \
        "$here"/tools/Derive.java "$here"/autograd/src/main "$here"/nn/src/main "$here/$module/src/main" \
        -newer "$current" 2>/dev/null | head -n 1)" ]
}

lock=$here/target/launch/lock
locked=

# On any way out: nothing half-made stays, and nobody waits for us.
leave() {
    rm -rf "$launch/began.$$" ${fresh:+"$fresh"}
    [ -z "$locked" ] || rm -f "$lock"
    locked=
}

build() {
    command -v mvn >/dev/null || fail "mvn not found; install Maven 3.8 or newer to build."
    touch "$launch/began.$$"
    fresh=$(mktemp -d "$launch/jars.XXXXXX")
    # Maven itself needs Java 17; where that is not the default, it runs on our JDK.
    fits "${JAVA_HOME:-$on_path}" 17 || export JAVA_HOME="$jdk"
    (cd "$here" && JAVA25_HOME=$jdk mvn -B -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dstyle.color=never -Dmaven.test.skip -Dformat.skip -Djacoco.skip -pl "$module" -am package) >&2 ||
        fail "the build failed (see above)."
    cp "$here/$module"/target/lib/*.jar "$here/$module/target/cotangent-$module"-*.jar "$fresh"
    last=$(cat "$current" 2>/dev/null || true)
    [ -z "${prepare:-}" ] || "$prepare"
    name=$(basename "$fresh")
    echo "$name" >"$fresh/name"
    touch -r "$launch/began.$$" "$fresh/name"
    mv "$fresh/name" "$current"
    fresh=
    # The folder before this one stays for programs that still run from it; older ones go.
    for old in "$launch"/jars.*; do
        case $(basename "$old") in
            "$name" | "$last") ;;
            *) rm -rf "$old" ;;
        esac
    done
}

if ! built; then
    mkdir -p "$launch"
    fresh=
    trap leave EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    told=
    # A link is made in one step and holds its owner's process id.
    until ln -s "process $$" "$lock" 2>/dev/null; do
        owner=$(readlink "$lock" || true)
        owner=${owner#process }
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -f "$lock"
            continue
        fi
        [ -n "$told" ] || echo "$me: waiting for the build of process ${owner:-unknown} ..." >&2
        told=yes
        sleep 1
    done
    locked=yes
    if ! built; then
        echo "$me: building (the first time, Maven also fetches libraries) ..." >&2
        build
    fi
    leave
    trap - EXIT INT TERM HUP
fi

jars=$launch/$(cat "$current")
