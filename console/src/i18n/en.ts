import { faultsEn } from "./faults-en.ts";
import type { zhCN } from "./zh-CN.ts";

type Texts<Shape> = { readonly [Key in keyof Shape]: Shape[Key] extends string ? string : Texts<Shape[Key]> };

export const en: Texts<typeof zhCN> = {
  app: {
    name: "Mingjian", tagline: "Public-safety video system", demo: "Demo",
    demoNote: "This is a demo: the pictures come from simulated cameras, not from a real place.", skip: "Skip to content", language: "中文",
    shortcuts: "Keyboard shortcuts", signOut: "Sign out", loading: "Loading…", retry: "Retry", cancel: "Cancel", save: "Save", close: "Close",
    confirm: "OK", yes: "Yes", no: "No", none: "None", all: "All", search: "Search", refresh: "Refresh", print: "Print", more: "Load more",
    actions: "Actions", saved: "Saved", copied: "Copied", zone: "Time zone", updated: "Updated {{time}}", offline: "The connection to the server is lost. Reconnecting…",
    pageFailed: "This page failed. Reload it; if it fails again, tell the administrator the line below.", notFound: "No such page", toWall: "Go to live view", unknown: "Unknown",
    notYours: "Your roles do not open this page. Ask an administrator for the role.", menu: "Main menu", apiDocs: "API reference",
  },
  nav: {
    wall: "Live", playback: "Playback", cameras: "Cameras", register: "Register", grants: "Grants", health: "Health", users: "Users", account: "My account",
  },
  setup: {
    title: "First-time set-up", intro: "Create the first administrator. This link works once; there is no default password.", unit: "Name of the unit", unitHint: "The full name of the unit that uses this system; may be left empty",
    name: "Sign-in name", nameHint: "2–64 letters, digits, . _ or -", displayName: "Full name", password: "Password", passwordHint: "At least 10 characters; a few unrelated words are best",
    passwordAgain: "Password again", passwordDiffers: "The two passwords differ", submit: "Create and sign in", done: "First-time set-up is finished.", toSignIn: "Sign in",
    noToken: "The link is incomplete: its one-time token is missing. Copy the whole link printed at start.",
  },
  signIn: {
    title: "Sign in", name: "Sign-in name", password: "Password", submit: "Sign in", code: "One-time code", codeHint: "The 6 digits in your authenticator; without your phone, use a backup code",
    codeSubmit: "Verify", back: "Back", needSetup: "This system has no administrator yet. Open the one-time link printed at start.", locked: "Too many failed attempts. Try again after {{time}} ({{left}} left).",
    law: "Viewing public-safety video needs a lawful purpose. Every use is registered.", fieldNeeded: "Please fill this in",
  },
  roles: { administrator: "Administrator", "security-chief": "Security chief", duty: "Duty officer", auditor: "Auditor" },
  roleHints: {
    administrator: "Manages cameras and users", "security-chief": "Sees the unit's live pictures and footage, manages cameras, revokes grants", duty: "Sees the unit's live pictures", auditor: "Reads the register",
  },
  wall: {
    tree: "Cameras", searchHint: "Search camera or place", online: "online", of: "{{online}}/{{total}}", emptyTitle: "No camera yet",
    emptyText: "Add a camera that speaks RTSP; recording begins at once.", emptyAdd: "Add a camera", emptyNoRight: "Ask an administrator or security chief to add cameras.",
    noMatch: "No camera matches", tiles: "{{count}} tiles", fullScreen: "Full screen", exitFullScreen: "Leave full screen", tour: "Tour", tourStop: "Stop tour", dwell: "Dwell",
    seconds: "{{count}} s", emptyTile: "Click or drag a camera here", clearTile: "Remove", maximise: "Maximise", restore: "Restore", toPlayback: "See what just happened",
    main: "Main", sub: "Sub", hideTree: "Hide list", showTree: "Show list", clearAll: "Clear", purpose: "Duty watching",
    hint: "Double-click to maximise, ? for shortcuts", tileLabel: "Tile {{index}}: {{name}}", tileEmptyLabel: "Tile {{index}}: empty", dropHere: "Drop here",
    tourPage: "Tour {{page}}/{{pages}}",
  },
  live: {
    connecting: "Connecting…", waiting: "Waiting for the camera: {{cause}}", delayed: "Picture {{seconds}} s late; may not show the present", frozen: "Picture stopped {{seconds}} s ago; not the present",
    reconnecting: "Connection lost, reconnecting (try {{attempt}})", hidden: "Page in background, stream released", unsupported: "This browser cannot play {{codec}}",
    unsupportedHint: "Use a browser with {{codec}}, or give the camera an H.264 sub-stream", fallback: "Browser lacks {{codec}}; showing the sub-stream",
    again: "Connect again", ended: "Picture stopped", noClock: "--:--:--",
  },
  states: {
    stopped: "stopped", connecting: "connecting", describing: "asking for streams", "setting-up": "setting up", waiting: "waiting for data", playing: "online", "backing-off": "trying again soon",
  },
  statusWords: { online: "Online", connecting: "Connecting", fault: "Fault", disabled: "Disabled", notRecording: "Not recording", recording: "Recording" },
  gaps: {
    unreachable: "camera unreachable", refused: "camera refused", unauthorised: "camera's user or password wrong", "not-found": "camera has no such stream", "no-data": "camera sent no data",
    "bad-stream": "faulty stream", unsupported: "encoding not supported", "our-restart": "system restarted", disk: "disk could not be written", clock: "clock corrected", "switched-off": "recording switched off", unknown: "cause unknown",
  },
  playback: {
    chooseCamera: "Choose a camera", addCamera: "Add a camera in sync", removeCamera: "Remove", tooMany: "At most {{count}} cameras play in sync", emptyTitle: "Choose a camera to begin",
    emptyText: "Pick a camera on the left, then click an instant on the timeline. Up to four play in sync.", purposeTitle: "State your purpose", purposeText: "Viewing footage needs a purpose. It goes into the register and holds while you are signed in.",
    purposeLabel: "Purpose", purposeStart: "Start playback", purposeQuick: ["Shift handover", "Checking an incident", "Checking equipment", "Assisting an inquiry"], purposeChange: "Change purpose", purposeNow: "Purpose: {{purpose}}",
    play: "Play", pause: "Pause", speed: "Speed", frameBack: "Previous frame", frameOn: "Next frame", back10: "Back 10 s", on10: "Forward 10 s", previousGap: "Previous gap", nextGap: "Next gap",
    previousRecorded: "Previous recording", nextRecorded: "Next recording", goTo: "Go to time", goToHint: "Go to 08:15:30", goToBad: "Not a time I can read. Write 08:15, 08:15:30 or 2026-11-22 08:15:30",
    share: "Copy link to this moment", shared: "Link copied. Whoever opens it needs the right too; it is checked again.", fullScreen: "Full screen", live: "Go live", now: "now",
    loading: "Fetching footage…", gapHere: "Gap: {{cause}}", gapSpan: "{{from}} – {{to}}", skipped: "Skipped a gap {{from}} – {{to}} ({{cause}})", end: "Nothing recorded after this",
    atEdge: "At the newest footage, waiting for more…", keysOnly: "Key frames only from 8x", notRecorded: "Nothing recorded in this span", timeline: "Timeline",
    timelineHelp: "Arrows move 10 s, plus and minus zoom, wheel zooms about the cursor, drag pans, click seeks", zoomIn: "Zoom in", zoomOut: "Zoom out", span: "Showing {{span}}",
    noMoreGap: "No more gaps", noMoreRecorded: "No more recordings", calendar: "Calendar", calendarDot: "footage", calendarGap: "gaps", previousMonth: "Previous month", nextMonth: "Next month",
    days: "{{count}} d", hours: "{{count}} h", minutes: "{{count}} min", fromServer: "Updated every 10 s", alarm: "Alarm",
  },
  bands: { recorded: "Recorded", gap: "Gap", alarm: "Alarm", empty: "Nothing" },
  cameras: {
    title: "Cameras", add: "Add a camera", filter: "Filter by name, place or address", name: "Name", unit: "Unit", position: "Place", state: "State", stream: "Stream", bitrate: "Bit rate",
    record: "Recording", today: "Whole today", clock: "Clock offset", enabled: "Enabled", disable: "Disable", enable: "Enable", edit: "Edit", remove: "Remove", detail: "Details",
    removeTitle: "Remove “{{name}}”?", removeText: "Its footage stays until its period ends and is not deleted before. The camera no longer records and cannot be watched.", removed: "Removed", emptyTitle: "No camera yet",
    emptyText: "Have the camera's RTSP address, user and password at hand and choose “Add a camera”. The system tries it step by step and shows its picture.", demoCamera: "simulated",
    disableTitle: "Disable “{{name}}”?", disableText: "It is no longer read or recorded; the timeline shows a gap (recording switched off).", onlineOnly: "Faults only", keep: "Keeping", ordinary: "Ordinary", important: "Important",
    watch: "Watch", history: "Playback", noPlace: "not given",
  },
  wizard: {
    title: "Add a camera", editTitle: "Edit “{{name}}”", stepSource: "Stream address", stepProbe: "Try it", stepName: "Name and unit", url: "Main stream (RTSP)", urlHint: "e.g. rtsp://192.168.1.64:554/Streaming/Channels/101",
    urlBad: "The address begins with rtsp:// or rtsps://", user: "User", password: "Password", passwordKeep: "Leave empty to keep", transport: "Transport", auto: "Automatic", tcp: "TCP", udp: "UDP",
    certificate: "Certificate fingerprint (SHA-256)", certificateHint: "Only for rtsps with a certificate no authority signed", certificateBad: "64 hexadecimal digits", addSub: "Add a sub-stream (saves bandwidth on the wall)",
    sub: "Sub-stream", subUrl: "Sub-stream (RTSP)", removeSub: "No sub-stream", probe: "Try it", probing: "Trying; this takes up to 30 s…", probeAgain: "Try again", probeSkip: "Skip the trial", next: "Next", back: "Back",
    create: "Add", save: "Save", probeOk: "The camera answers", probeFailed: "The trial failed", picture: "The camera's first picture", noPicture: "No picture came", pictureUnsupported: "The browser cannot show {{codec}}; recording is not affected",
    ms: "{{count}} ms", sharedUrl: "Another camera uses this address. If both are meant, tick the box.", allowShared: "Allow a shared address", created: "Added; recording has begun", important: "Important (kept longer)",
    needUnit: "There is no unit yet", newUnit: "New unit", unitName: "Name of the unit", mainStream: "Main stream", remedy: "What to do: {{text}}", editHint: "After a change of address or password the system connects anew.",
  },
  probe: {
    resolve: "Find the address", connect: "Connect", tls: "Encrypt", describe: "Ask for streams", authorise: "Sign in to the camera", setup: "Set up the stream", "first-packet": "Receive data", "first-key-frame": "Receive a whole picture",
  },
  probeRemedies: {
    resolve: "Check the host name for typing errors, or use the IP address.", connect: "Check the camera's power, cable, IP address and port (often 554), and firewalls.", tls: "Check that the port is the encrypted one; for a self-signed certificate enter its fingerprint.",
    describe: "Check the path after the port; each maker writes it differently, see the camera's manual.", authorise: "Check user and password; some cameras lock for minutes after wrong tries.", setup: "Try the other transport (TCP or UDP); the camera may have too many connections.",
    "first-packet": "With UDP, use TCP instead; check firewalls and network.", "first-key-frame": "Set the camera's key-frame (I-frame) interval to 2 s or less.",
  },
  outcomes: { ok: "ok", failed: "failed", skipped: "not tried" },
  detail: {
    status: "State now", since: "since {{time}}", attempts: "{{count}} tries", nextTry: "next try {{time}}", codec: "Encoding", size: "Size", fps: "Frames/s", audio: "Sound", noAudio: "none", lost: "Packets lost", frames: "Frames",
    bytes: "Data in all", clockOffset: "Clock offset", clockNone: "camera tells no time", clockAhead: "{{value}} fast", clockBehind: "{{value}} slow", drift: "drift an hour", clockBad: "Off by more than 5 s: set up NTP on the camera. Footage follows the system's time.",
    today: "Today's footage", gapsToday: "Today's gaps", noGaps: "No gap today", from: "From", to: "To", length: "Length", cause: "Cause", play: "Play", address: "Address", fault: "Fault",
  },
  users: {
    title: "Users", add: "New user", name: "Sign-in name", displayName: "Full name", unit: "Unit", noUnit: "No unit", roles: "Roles", totp: "Second factor", on: "on", off: "off", state: "State",
    active: "Active", disabled: "Disabled", locked: "Locked until {{time}}", unlock: "Unlock", disable: "Disable", enable: "Enable", edit: "Edit", password: "First password", newPassword: "New password (empty: keep)",
    created: "User created", disableTitle: "Disable “{{name}}”?", disableText: "All their sign-ins end and their grants are revoked at once.", emptyText: "Create users and give them roles: duty officers watch live, security chiefs see footage.", noRoles: "No role", yourself: "you",
    passwordHint: "At least 10 characters. Tell it in person or by a safe way, and have it changed after the first sign-in.",
  },
  account: {
    title: "My account", profile: "Identity", password: "Change password", current: "Present password", next: "New password", again: "New password again", change: "Change", changed: "Password changed; other sign-ins ended", totp: "Second factor",
    totpWhy: "Signing in then needs a code from your phone, so that a leaked password is not enough.", totpStart: "Switch on", totpPassword: "Confirm your password first", totpScan: "Scan the code with an authenticator, then enter its 6 digits", totpManual: "To enter by hand:",
    totpBackup: "Backup codes, each works once. Write them down; they are not shown again:", totpConfirm: "Confirm", totpOn: "The second factor is on", totpOff: "Switch off", totpOffDone: "The second factor is off", sessions: "Sign-ins", thisOne: "this one",
    started: "Signed in", expires: "Expires", address: "From", agent: "Browser", revoke: "End", revoked: "That sign-in was ended",
  },
  register: {
    title: "Register", intro: "Who saw which pictures, when and why: each use is entered before its first picture leaves.", user: "Person", camera: "Camera", action: "How", purpose: "Purpose", basis: "Basis", started: "From", ended: "To", span: "Footage of",
    bytes: "Data", address: "From address", cause: "Ended because", running: "running", filterTime: "Time of use", emptyText: "No use matches.", actions: { live: "Live", playback: "Playback", copy: "Copy" },
    printTitle: "Register of uses of video", printed: "Printed by {{user}} at {{time}}", count: "{{count}} shown", id: "No.",
    causes: {
      "client-left": "person left", "grant-revoked": "grant revoked", "grant-expired": "grant expired", "database-away": "database away", stopping: "system stopped", "our-restart": "system restarted", finished: "finished",
      "signed-out": "signed out", "client-too-slow": "line too slow", "recorder-away": "recorder restarted", internal: "program error", "register-failed": "register failed", "no-footage": "no footage", "not-allowed": "not allowed",
    },
  },
  grants: {
    title: "Grants", intro: "A grant is the only key to pictures. When it is revoked, running pictures stop within a second.", user: "Person", cameras: "Cameras", scope: "Scope", live: "Live", purpose: "Purpose", basis: "Basis", issued: "Issued", expires: "Expires",
    state: "State", active: "Active", expired: "Expired", revokedState: "Revoked", revoke: "Revoke", revokeTitle: "Revoke this grant?", revokeText: "Pictures that {{user}} is watching stop at once.", revoked: "Revoked", runningOnly: "Active only", emptyText: "No active grant. Opening live view or playback issues one by role.",
    count: "{{count}} cameras", roleBasis: "Role: {{role}}",
  },
  health: {
    title: "Health", levels: { ok: "Well", warning: "Warning", alarm: "Alarm" }, disk: "Disk", total: "Size", free: "Free", footage: "Footage", perDay: "Written a day", capacity: "Can keep", promised: "Must keep", days: "{{count}} d",
    enough: "Enough for what must be kept", tooSmall: "Too small for what must be kept: add a disk or lower the bit rate", measuring: "Measuring the rate", fullAt: "Full about {{time}}", neverFull: "Does not fill up", cameras: "Cameras", online: "online", recording: "recording", faulty: "faulty", database: "Database",
    up: "up", away: "away", embedded: "built in", server: "server", indexLag: "{{count}} segments to index", recorder: "Recorder", restarting: "restarting", restarts: "{{count}} restarts", memory: "Memory", cpu: "Processor", alarms: "Alarms and notes", noAlarms: "No alarm",
    since: "since {{time}}", version: "Version", started: "Started", viewers: "Watching now", perCamera: "Storage by camera", completeness: "Whole today", perCameraDay: "A day", diskStates: { ok: "well", full: "full, new footage stops", "read-only": "read-only", failing: "failing" },
    people: "{{count}}", sinceLong: "for {{span}}",
  },
  sheet: {
    title: "Keyboard shortcuts", everywhere: "Everywhere", wall: "Live", playback: "Playback", sheet: "Open this sheet", close: "Close a window, restore a tile", wall1: "1 tile", wall4: "4 tiles", wall9: "9 tiles", wall16: "16 tiles", fullScreen: "Full screen", tour: "Start or stop the tour",
    maximise: "Maximise or restore the chosen tile", clearTile: "Remove the chosen tile", searchCamera: "Search cameras", playPause: "Play or pause", frameBack: "Previous frame", frameOn: "Next frame", back10: "Back 10 s", on10: "Forward 10 s", back60: "Back 1 min", on60: "Forward 1 min",
    previousGap: "Previous gap", nextGap: "Next gap", previousRecorded: "Previous recording", nextRecorded: "Next recording", slower: "Slower", faster: "Faster", goTo: "Go to time", space: "Space",
  },
  errors: { codeLine: "Code {{code}}", field: "Field {{field}}" },
  faults: faultsEn,
};
