"""An encoder that is no browser: GStreamer's webrtcbin publishes over HTTP (WHIP) until it is killed.

URL, token and codec are its arguments. Debian has no whipsink, so the few HTTP words are said here.
"""

import sys
import threading
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

VIDEO = {
    "vp8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=96 ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "h264": "x264enc tune=zerolatency key-int-max=30 ! video/x-h264,profile=constrained-baseline ! "
    "rtph264pay pt=96 config-interval=1 ! application/x-rtp,media=video,encoding-name=H264,payload=96",
}

url, token, codec = sys.argv[1:4]
Gst.init(None)
pipeline = Gst.parse_launch(
    "webrtcbin name=w bundle-policy=max-bundle "
    "videotestsrc is-live=true pattern=smpte ! video/x-raw,width=640,height=360,framerate=15/1 ! "
    f"videoconvert ! queue ! {VIDEO[codec]} ! w. "
    "audiotestsrc is-live=true ! audioconvert ! audioresample ! queue ! opusenc ! rtpopuspay pt=97 ! "
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! w."
)
webrtc = pipeline.get_by_name("w")
asked = threading.Event()


def publish(offer):
    headers = {"content-type": "application/sdp", "authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, offer.encode(), headers)) as response:
        _, sdp = GstSdp.SDPMessage.new_from_text(response.read().decode())
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
    webrtc.emit("set-remote-description", answer, Gst.Promise.new())


def gathered(webrtc, _):
    complete = GstWebRTC.WebRTCICEGatheringState.COMPLETE
    if webrtc.get_property("ice-gathering-state") == complete and not asked.is_set():
        asked.set()
        offer = webrtc.get_property("local-description").sdp.as_text()
        threading.Thread(target=publish, args=[offer], daemon=True).start()


def offered(promise, _):
    webrtc.emit("set-local-description", promise.get_reply().get_value("offer"), Gst.Promise.new())


def negotiate(webrtc):
    for index in range(2):
        transceiver = webrtc.emit("get-transceiver", index)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(offered, None))


webrtc.connect("on-negotiation-needed", negotiate)
webrtc.connect("notify::ice-gathering-state", gathered)
pipeline.set_state(Gst.State.PLAYING)
GLib.MainLoop().run()
