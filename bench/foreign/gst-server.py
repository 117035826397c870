"""RTSP server of GStreamer: gst-server.py PORT PATH=LAUNCH ...  Prints a line once it listens."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
for mount in sys.argv[2:]:
    path, launch = mount.split("=", 1)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    server.get_mount_points().add_factory("/" + path, factory)
if server.attach(None) == 0:
    sys.exit("the port is taken")
print("listening", flush=True)
GLib.MainLoop().run()
