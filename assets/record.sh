#!/bin/bash
# Records assets/demo.gif: the folder of `tripletui demo` in an xterm that draws Sixel, on a display of its own.
#
#     cargo build --release && assets/record.sh
#
# Needs Xvfb, xterm, xdotool, ImageMagick and the DejaVu fonts (Debian: xvfb xterm xdotool imagemagick fonts-dejavu-core).
# Another program than that one: assets/record.sh PROGRAM.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../target/release/tripletui}")
work=$(mktemp -d)
display=:$((RANDOM % 400 + 100))
server= xterm=
trap 'kill $xterm $server 2>/dev/null || true; rm -rf "$work"' EXIT

Xvfb "$display" -screen 0 1100x700x24 -nolisten tcp >"$work/server.log" 2>&1 &
server=$!
export DISPLAY=$display HOME=$work
sleep 1
tripletui=("$program" --data-dir "$work/data" --cache-dir "$work/cache")
"${tripletui[@]}" demo --no-open >/dev/null
mv "$work/cache/demo" "$work/pictures"
cd "$work"
xterm -ti vt340 -xrm 'XTerm*decTerminalID: vt340' -xrm 'XTerm*numColorRegisters: 1024' -fa 'DejaVu Sans Mono' -fs 9 \
    -geometry 106x34+0+0 -bg '#18181c' -fg '#e0e0e0' -e "${tripletui[@]}" pictures >"$work/xterm.log" 2>&1 &
xterm=$!
window=$(xdotool search --sync --onlyvisible --class xterm | head -n 1)
xdotool windowfocus "$window" mousemove 1090 690 2>>"$work/xdotool.log"

frames=()
# Takes a frame that is shown for so many hundredths of a second.
frame() {
    import -window "$window" "$work/$((${#frames[@]} / 3)).png"
    frames+=(-delay "$1" "$work/$((${#frames[@]} / 3)).png")
}
# Presses keys, waits till all is drawn, takes a frame.
press() {
    local delay=$1
    shift
    if (($#)); then xdotool key --delay 60 "$@" 2>>"$work/xdotool.log"; fi
    sleep "${pause:-0.7}"
    frame "$delay"
}

# Presses keys of which no frame tells.
pass() {
    xdotool key --delay 60 "$@" 2>>"$work/xdotool.log"
    sleep 0.5
}

sleep 1
frame 60
pause=8 press 120                      # indexed meanwhile
press 40 l
press 40 j
press 160 Return                       # what looks like it
press 50 l
press 160 Return                       # the walk goes on
press 110 z                            # large
pass z
press 140 c                            # side by side
pass c
press 60 colon m a
press 110 p                            # the palette
pause=5 press 150 Return               # the map
press 70 Right
press 70 Up
press 150 plus plus
pass Escape
pass Escape
press 110 f s u n                      # a filter
press 160 Return

convert -loop 0 "${frames[@]}" +dither -colors 96 -layers OptimizePlus "$here/demo.gif"
ls -l "$here/demo.gif"
