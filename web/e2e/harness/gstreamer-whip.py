"""An encoder that is no browser: GStreamer's webrtcbin publishes over HTTP (WHIP) until it is killed.

URL, token and codec are its arguments. Debian has no whipsink, so the few HTTP words are said here.
"""

import re
import subprocess
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
        offer = re.sub("a=fingerprint:.*", f"a=fingerprint:sha-256 {fingerprint}", offer)
        threading.Thread(target=publish, args=[offer], daemon=True).start()


def offered(promise, _):
    # The offer lives as long as the reply.
    reply = promise.get_reply()
    webrtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())


def negotiate():
    for index in range(2):
        transceiver = webrtc.emit("get-transceiver", index)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(offered, None))
    return GLib.SOURCE_REMOVE


def certified(_bin, _child, element):
    # GStreamer's own certificate is RSA, which str0m does not take; browsers and OBS have an elliptic curve.
    if element.get_factory() and element.get_factory().get_name() == "dtlsdec":
        element.set_property("pem", certificate)


def openssl(words, said=""):
    return subprocess.run(["openssl", *words.split()], input=said, check=True, capture_output=True, text=True).stdout


certificate = openssl(
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=encoder -days 2 -keyout - -out -"
)
fingerprint = openssl("x509 -noout -fingerprint -sha256", certificate).strip().split("=")[1]
webrtc.connect("deep-element-added", certified)
webrtc.connect("notify::ice-gathering-state", gathered)
pipeline.set_state(Gst.State.PLAYING)
# By then every branch of the pipeline has said what it sends.
GLib.timeout_add_seconds(2, negotiate)
GLib.MainLoop().run()
