import type { faultsZh } from "./faults-zh-CN.ts";

export const faultsEn: Readonly<Record<keyof typeof faultsZh, string>> = {
  "bad-input": "Something entered is not valid. Correct it as shown and try again.",
  "not-signed-in": "You are not signed in, or the sign-in has ended. Sign in again.",
  "not-allowed": "Your roles do not allow this. Ask an administrator for the role, or somebody who holds it.",
  "not-found": "Not found, or removed meanwhile. Refresh the list.",
  conflict: "Somebody changed this a moment ago. Refresh, then repeat your change.",
  "too-large": "This exceeds a limit. Ask for less.",
  "too-many": "Too many requests or pictures at once. Wait a little and try again.",
  internal:
    "The program made a mistake; nothing was half done. Tell the administrator the time so that the log can be read.",
  "database-away":
    "The database does not answer; recording goes on. It recovers by itself; if it lasts, look at Health.",
  "disk-full": "The disk is full: new footage stops, and nothing is deleted for room. Add a disk or clear other files.",
  "disk-read-only": "The disk refuses writing. Check the disk and how it is mounted.",
  "disk-failed": "The disk fails to read or write; recording pauses and retries. Check the disk's health.",
  "data-folder-newer": "A newer version wrote this data. Use that version or later.",
  "data-folder-in-use": "Another server uses this data folder. Stop it first.",
  "calendar-missing": "The working calendar lacks that year. Update the program; count by hand until then.",
  "bad-settings": "A setting is wrong. Correct the one the message names.",
  "grant-needed": "Pictures need a grant. Open the picture again to ask for one.",
  "grant-expired": "The grant has expired and the picture stopped. Ask for a new one.",
  "grant-revoked": "The grant was revoked and the picture stopped. Ask whoever revoked it.",
  "register-failed":
    "The use could not be entered in the register, so no picture is served. Check the database, then try again.",
  "recorder-away": "The recorder is restarting; pictures return in a few seconds.",
  "no-footage": "Nothing was recorded at that time. Choose a time inside a recorded band.",
  "client-too-slow": "The network or computer cannot keep up. Show fewer pictures or use the sub-stream.",
  stopping: "The server is stopping. The console reconnects when it runs again.",
  "database-newer": "A newer version upgraded the database. Use that version or later.",
  "database-differs":
    "The database does not match this program; nothing was changed. Use the program it was made with.",
  "key-file-wrong": "The key file does not open the cameras' passwords. Restore it, or enter the passwords again.",
  "camera-url-taken": "Another camera uses this address. If both are meant, tick “Allow a shared address”.",
  "sign-in-wrong":
    "The name or password is wrong, or the account is disabled. Try again, or ask an administrator to reset the password.",
  "second-factor-wrong":
    "The code is wrong, expired or already used. Wait for the next one, and check the phone's clock.",
  "locked-out": "Too many failed attempts. Wait, or ask an administrator to unlock.",
  "setup-done": "First-time set-up is finished. Sign in.",
  "setup-token-wrong": "The set-up link is wrong or a newer one was printed. Use the link printed at the last start.",
  "camera-unreachable": "The camera cannot be reached. Check its power, cable and IP address.",
  "camera-refused": "The camera refused the connection. Check the port, or it has too many connections.",
  "camera-unauthorised": "The camera's user name or password is wrong. Correct it in the camera's settings.",
  "camera-not-found": "The camera has no such stream. Check the path in the address.",
  "camera-no-data": "The camera is connected but sends no picture. Check the camera, or use TCP.",
  "camera-bad-stream": "The camera's stream is faulty. Restart the camera or update its firmware.",
  "camera-unsupported": "The camera's encoding is not supported. Set it to H.264 or H.265.",
  "camera-transport": "The camera does not accept this transport. Try TCP or UDP.",
  "signed-out": "You signed out and the picture stopped. Sign in again.",
  "camera-tls":
    "The secure connection failed: the camera's certificate is not trusted or not the pinned one. Compare its fingerprint, then enter it.",
  "footage-damaged":
    "A footage file is not what its record says. Keep the file as it is; an administrator runs mingjian fsck.",
  "port-in-use": "Another program uses the port. Stop it, or choose another port.",
  "span-changes-format":
    "The picture's format changes inside the span, so one file cannot hold it. Take it in two parts, cut where the timeline shows.",
  "capacity-short":
    "At the present rate this disk cannot hold the days that must be kept. Add a disk, or lower the cameras' bit rate.",
  "not-recording": "Footage that should be written is not. Look at this camera's state and the disk.",
  network: "The server cannot be reached. Check the network; the console keeps trying.",
};
