"""A worker as people write them, with the official livekit-agents: it says in lines of JSON what happens to it.

NAME is its agent's name, TYPE `room` or `publisher`, LOAD what it says of itself, REFUSE makes it refuse every job.
"""

import json
import math
import os
import sys

from livekit.agents import AgentServer, JobContext, JobExecutorType, JobRequest, cli
from livekit.agents.worker import ServerType

LOAD = float(os.environ.get("LOAD", "0.1"))
# Jobs run in this process: who kills the worker kills its agents. The usual load is the machine's, which is busy here.
server = AgentServer(
    job_executor_type=JobExecutorType.THREAD,
    num_idle_processes=0,
    load_fnc=lambda: LOAD,
    # With a threshold it refuses a second job while it begins the first.
    load_threshold=math.inf,
    host="127.0.0.1",
    port=0,
)
JOB_TYPE = ServerType.PUBLISHER if os.environ.get("TYPE") == "publisher" else ServerType.ROOM


def tell(what, **facts):
    line = json.dumps({"what": what, "worker": os.environ["WORKER"], **facts}) + "\n"
    # In one write: jobs run in threads, whose lines must not mix.
    os.write(sys.stdout.fileno(), line.encode())


@server.on("worker_registered")
def registered(worker_id, _info):
    tell("registered", id=worker_id)


async def on_request(request: JobRequest):
    tell("asked", job=request.id, room=request.room.name)
    if os.environ.get("REFUSE"):
        # Without this nobody else is asked.
        await request.reject(terminate=False)
    else:
        await request.accept(name="Helper", attributes={"probe": "1"})


@server.rtc_session(agent_name=os.environ.get("NAME", ""), type=JOB_TYPE, on_request=on_request)
async def entry(ctx: JobContext):
    await ctx.connect()
    about = ctx.job.participant.identity if ctx.job.HasField("participant") else ""
    tell(
        "joined",
        job=ctx.job.id,
        room=ctx.room.name,
        identity=ctx.room.local_participant.identity,
        about=about,
        metadata=ctx.job.metadata,
    )

    async def bye():
        tell("ended", job=ctx.job.id, room=ctx.job.room.name)

    ctx.add_shutdown_callback(bye)


if __name__ == "__main__":
    cli.run_app(server)
