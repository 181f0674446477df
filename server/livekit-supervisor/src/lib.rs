//! Keeps the LiveKit child process alive: chooses it, writes its YAML, starts, probes, restarts and stops it; or only
//! watches a cluster that others run; and beside it the egress and the ingress child, and programs of others that work in calls.
//! It knows LiveKit's configuration file and two of its HTTP routes; it must not know the platform, its database or the web.

mod adoption;
mod backoff;
mod child_exec;
mod choose;
mod commands;
mod egress;
mod external;
mod ingress;
mod keeper;
mod keys;
mod life;
mod logs;
mod look;
mod node_ip;
mod options;
mod ports;
mod processes;
mod side;
mod state;
mod supervisor;
mod version;
mod yaml;

pub use adoption::{ChildName, LeftBehind, Remembered, end_left_behind, end_unwanted};
pub use child_exec::{ChildExecError, child_exec};
pub use choose::ChooseError;
pub use commands::{
    AgentCommand, CommandError, CommandReport, Commands, CommandsOptions, MOST_PROCESSES,
    OutputLine, ProcessReport, ProcessState,
};
pub use egress::EgressOptions;
pub use external::{ClusterFailure, ClusterState, watch_external};
pub use ingress::IngressOptions;
pub use keys::{ApiKeys, KeysError};
pub use logs::{CHILD_FIELDS, plain as plain_fields};
pub use look::{engine, version};
pub use node_ip::{follow_node_ip, node_ip, outbound};
pub use options::{
    Command, Engine, IngressUrls, LogLevel, Options, PortKeys, Ports, Redis, RoomDefaults, Timings,
    Turn, TurnCertificate, TurnServer, TurnTls,
};
pub use processes::Stop;
pub use side::{SideFailure, SideHandle, SideOptions, SideState};
pub use state::{ChildState, Endpoint, Failure, MediaAddress, RunningEngine};
pub use supervisor::{StartError, Supervisor, SupervisorHandle};
pub use yaml::ConfigFileError;
