#!/bin/bash
# Draws the simulated cameras' clips: a street and a square with nobody in it, a frame counter and a clock.
# Needs ffmpeg with x264 and x265, and the DejaVu and Noto CJK fonts. Usage: simulators/clips/make.sh [clip...]
# README.md beside this file says how the counter is read back from the picture.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mono=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf
cjk=/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }

# Boxes that replace what lies below, its transparency too.
replacing() { sed 's/^,//; s/t=fill/t=fill:replace=1/g' <<<"$1"; }
box() { printf ',drawbox=x=%s:y=%s:w=%s:h=%s:c=%s:t=fill' "$@"; }

# One tower: x, y, width, height, wall, window colour. Its foot is at y + height.
tower() {
  box "$1" "$2" "$3" "$4" "$5"
  local x y lit
  for ((y = $2 + 14; y < $2 + $4 - 30; y += 30)); do
    for ((x = $1 + 12; x < $1 + $3 - 18; x += 28)); do
      lit=$6
      (((x * 7 + y * 3) % 5 == 0)) && lit=0xf6e3a1
      box "$x" "$y" 14 18 "$lit"
    done
  done
}

tree() {
  box $(($1 + 26)) $(($2 + 70)) 10 50 0x5b4636
  box "$1" $(($2 + 26)) 62 40 0x3f6b46
  box $(($1 + 8)) "$2" 46 84 0x4b7b52
}

# The still part of the scene, 1280x720: sky, towers, a road, paving.
scene() {
  printf 'format=yuv444p'
  tower 40 150 150 270 0x76828f 0x9fb4c6
  tower 210 210 120 210 0x8c7b6c 0xb9c6cf
  tower 350 120 170 300 0x66727e 0x94a9bb
  tower 700 180 190 240 0x7d8794 0xa6bccd
  tower 910 100 140 320 0x5f6b78 0x8da3b6
  tower 1070 220 180 200 0x8a8378 0xb4c0c8
  box 540 250 140 170 0xa9a294
  box 560 300 24 120 0x5f5a52
  box 598 300 24 120 0x5f5a52
  box 636 300 24 120 0x5f5a52
  box 530 238 160 14 0x8f8878
  box 0 420 1280 16 0xb4b0a8
  box 0 436 1280 110 0x4a4d52
  local x y
  for ((x = 20; x < 1280; x += 120)); do box "$x" 488 60 6 0xd8d4b8; done
  box 0 546 1280 174 0x9a958b
  for ((y = 546; y < 720; y += 29)); do box 0 "$y" 1280 2 0x86817a; done
  for ((x = 0; x < 1280; x += 64)); do box "$x" 546 2 174 0x86817a; done
  tree 120 330
  tree 450 330
  tree 860 330
  tree 1120 330
  box 560 590 160 60 0x7a7f86
  box 572 598 136 40 0x5f8fb0
}

bus() {
  box 0 0 220 74 0x2f6f9f
  for x in 12 52 92 132 172; do box "$x" 12 32 26 0xcfe3ee; done
  box 0 50 220 8 0xe8e4d8
  box 30 66 30 20 0x1c1d20
  box 160 66 30 20 0x1c1d20
}

# 24 blocks over the whole width: white, black, ten bits of the frame number, their complement, black, white.
strip() {
  local width=$1 height=$2 loop=$3 tall=$(($2 / 18)) i from to
  printf 'drawbox=x=0:y=0:w=%s:h=%s:c=black:t=fill' "$width" "$tall"
  for ((i = 0; i < 24; i++)); do
    from=$((i * width / 24)) to=$(((i + 1) * width / 24))
    local one="drawbox=x=$from:y=0:w=$((to - from)):h=$tall:c=white:t=fill"
    if ((i == 0 || i == 23)); then printf ',%s' "$one"; fi
    if ((i >= 2 && i < 12)); then
      printf ",%s:enable='mod(floor(mod(n,%s)/%s),2)'" "$one" "$loop" $((1 << (11 - i)))
    fi
    if ((i >= 12 && i < 22)); then
      printf ",%s:enable='not(mod(floor(mod(n,%s)/%s),2))'" "$one" "$loop" $((1 << (21 - i)))
    fi
  done
}

captions() {
  local height=$1 big=$(($1 / 18)) small=$(($1 / 28))
  printf "drawtext=fontfile=%s:fontsize=%s:fontcolor=white:box=1:boxcolor=black@0.55:boxborderw=6" "$mono" "$big"
  printf ":x=%s:y=%s:text='%%{pts\\:hms} %%{eif\\:n\\:d\\:4}'" "$small" $((height - 2 * big))
  printf ",drawtext=fontfile=%s:fontsize=%s:fontcolor=white:box=1:boxcolor=black@0.55:boxborderw=6" "$cjk" "$small"
  printf ":x=w-tw-%s:y=%s:text='明鉴 模拟摄像机 simulated camera'" "$small" $((height - 2 * big))
}

# draw WIDTH HEIGHT FRAMES EXTRA-FILTER: lossless frames into $work/WIDTHxHEIGHT.mkv
draw() {
  local width=$1 height=$2 frames=$3 extra=$4
  ff -loop 1 -framerate 25 -i "$work/scene.png" -loop 1 -framerate 25 -i "$work/bus.png" \
    -f lavfi -i "color=c=white@0:s=420x100:r=25,format=yuva444p,$(replacing "$(box 60 40 300 26 white@0.8; box 130 24 140 26 white@0.8)"),gblur=sigma=14:planes=8" \
    -f lavfi -i "color=c=0x9fc7e0:s=136x40:r=25,noise=alls=60:allf=t,format=yuv444p" \
    -filter_complex "[0][2]overlay=x='mod(t*40,640)+200':y=120:shortest=0[a];\
[a][1]overlay=x='mod(t*190,1600)-220':y=420[b];[b][1]overlay=x='1280-mod(t*120+400,1920)':y=466[c];\
[c][3]overlay=x=572:y=598[d];\
[d]drawbox=x=776:y=360:w=14:h=14:c=0xe04a3a:t=fill:enable='lt(mod(t,8),4)',\
drawbox=x=776:y=378:w=14:h=14:c=0x46c06a:t=fill:enable='gte(mod(t,8),4)',\
scale=${width}:${height}:flags=bicubic,$extra,$(strip "$width" "$height" "$frames"),$(captions "$height"),format=yuv420p" \
    -frames:v "$frames" -c:v ffv1 -threads 2 "$work/${width}x${height}.mkv"
}

# Every clip repeats its parameter sets before each key frame and carries no encoder's greeting (SEI).
h264() { # SOURCE NAME PROFILE BITRATE-K BFRAMES
  ff -i "$work/$1.mkv" -an -c:v libx264 -preset slow -profile:v "$3" -b:v "$4k" -maxrate "$4k" -bufsize "$(($4 * 2))k" \
    -x264-params "keyint=50:min-keyint=50:scenecut=0:open-gop=0:bframes=$5:b-adapt=0:b-pyramid=none:repeat-headers=1:aud=0" \
    -bsf:v "filter_units=remove_types=6" "$work/$2.mp4"
  ff -i "$work/$2.mp4" -c copy -f h264 "$2.h264"
  # With B-frames the order of decoding is not that of showing: when each frame is shown, in the order they stand.
  if (($5 > 0)); then
    ffprobe -loglevel error -show_entries packet=pts_time -of csv=p=0 "$work/$2.mp4" |
      awk -F, '{ printf "%d\n", $1 * 25 + 0.5 }' >"$2.order"
  fi
}

h265() { # SOURCE NAME BITRATE-K
  ff -i "$work/$1.mkv" -an -c:v libx265 -preset medium -b:v "$3k" \
    -x265-params "keyint=50:min-keyint=50:scenecut=0:open-gop=0:bframes=0:repeat-headers=1:info=0:log-level=error:vbv-maxrate=$3:vbv-bufsize=$(($3 * 2))" \
    -bsf:v "filter_units=remove_types=39|40" -f hevc "$2.h265"
}

wanted=" ${*:-street sub bframes street-h265 bench audio} "
has() { [[ "$wanted" == *" $1 "* ]]; }

ff -f lavfi -i "gradients=s=1280x720:c0=0x8fb4d4:c1=0xe6ddcb:x0=640:y0=0:x1=640:y1=420:nb_colors=2:speed=0.00001:r=1" \
  -vf "$(scene)" -frames:v 1 "$work/scene.png"
ff -f lavfi -i "color=c=black@0:s=220x86:r=1,format=yuva444p" -vf "format=yuva444p,$(replacing "$(bus)"),format=rgba" -frames:v 1 "$work/bus.png"

if has street || has street-h265; then draw 1280 720 400 null; fi
if has sub || has bframes; then draw 640 360 400 null; fi
has street && h264 1280x720 street main 600 0
has sub && h264 640x360 sub main 160 0
has bframes && h264 640x360 bframes high 160 2
has street-h265 && h265 1280x720 street-h265 350
if has bench; then
  draw 1920 1080 100 "noise=alls=9:allf=t"
  h264 1920x1080 bench high 4000 0
fi
if has audio; then
  # Wind, and a bell at the start of each group of pictures (every 2 s).
  sound="anoisesrc=color=brown:amplitude=0.12:seed=7:d=16[w];aevalsrc='0.4*sin(2*PI*880*t)*exp(-9*mod(t,2))':s=48000:d=16[b];[w][b]amix=inputs=2:normalize=0"
  ff -f lavfi -i "$sound" -ac 1 -ar 8000 -c:a pcm_alaw -f alaw audio.alaw
  ff -f lavfi -i "$sound" -ac 1 -ar 8000 -c:a pcm_mulaw -f mulaw audio.ulaw
  ff -f lavfi -i "$sound" -ac 1 -ar 16000 -c:a aac -b:a 32k -f adts audio.aac
fi
ls -l
