# Keeps one program and its folder for a process that may end at any moment. Commands come on the standard input, which that process
# alone holds: at its end the program is stopped and the folder removed.
#
# usage: supervisor FOLDER SIGNAL PROGRAM [ARGUMENT]...
# SIGNAL is the one that stops PROGRAM at once. What programs print goes to FOLDER/log.
folder=$1 signal=$2
shift 2
pid=

# An answer that nobody reads must not end the supervisor before it has cleaned up.
trap '' PIPE

# A zombie that nobody reaps has let go of everything.
running() {
    kill -0 "$1" && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status"
}

children() {
    if [ -r /proc/self/status ]; then
        grep -l "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status | tr -dc '0-9\n'
    else
        ps -A -o pid= -o ppid= | awk -v parent="$pid" '$2 == parent { print $1 }'
    fi
}

end() {
    [ -n "$pid" ] || return
    kill -"$1" "$pid"
    # A test may have stopped it to let it hang.
    kill -CONT "$pid"
    wait "$pid"
    pid=
}

# The children die too. Stopped first, the program starts no further ones.
crash() {
    [ -n "$pid" ] || return
    kill -STOP "$pid"
    orphans=$(children)
    kill -KILL "$pid" $orphans
    wait "$pid"
    pid=
    for orphan in $orphans; do
        while running "$orphan"; do sleep 0.01; done
    done
}

while read -r command argument; do
    case $command in
    initdb)
        "$argument" --pgdata="$folder/data" --username=postgres --pwfile="$folder/password" --auth=scram-sha-256 \
            --encoding=UTF8 --locale=C --no-sync >>"$folder/log" 2>&1
        echo $?
        ;;
    start)
        "$@" >>"$folder/log" 2>&1 &
        pid=$!
        echo "$pid"
        ;;
    # The pause lets the shell reap a program that has ended.
    running)
        sleep 0.02
        if running "$pid"; then echo yes; else echo no; fi
        ;;
    end) end "$argument"; echo ended ;;
    crash) crash; echo ended ;;
    esac
done

end "$signal"
rm -rf "$folder"
