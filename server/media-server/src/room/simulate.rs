//! SimulateScenario: clients test how they cope (rtc/room.go onSimulateScenario).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use livekit_protocol as proto;
use proto::signal_response::Message;
use proto::simulate_scenario::Scenario;

use super::Room;
use super::speakers::speaker_info;
use crate::ground::Now;
use crate::participant::{CloseReason, ParticipantKey, leave_request};

/// How long a wish to lose the next signal connection stands.
const SIGNAL_LOSS: Duration = Duration::from_secs(5);
/// Level of a simulated speaker.
const SPEAKER_LEVEL: f32 = 0.9;
/// Longest simulated speech, in seconds.
const LONGEST_SPEECH: u64 = 60;

/// Scenarios that are under way.
#[derive(Debug, Default)]
pub(super) struct Simulations {
    /// Until when resumed signal connections are dropped, and whether before anything is sent.
    signal_loss: HashMap<ParticipantKey, (Instant, bool)>,
    speech_ends: Vec<(Instant, ParticipantKey)>,
}

impl Simulations {
    /// Whether a resumed connection is to be lost.
    pub fn drops_signal_on_resume(
        &mut self,
        key: ParticipantKey,
        now: Now,
        before_messages: bool,
    ) -> bool {
        match self.signal_loss.get(&key) {
            Some(&(until, before)) if before == before_messages => {
                if !before || until <= now.instant {
                    self.signal_loss.remove(&key);
                }
                until > now.instant
            }
            Some(_) | None => false,
        }
    }
}

impl Room {
    pub(super) fn simulate(
        &mut self,
        key: ParticipantKey,
        request: &proto::SimulateScenario,
        now: Now,
    ) {
        let Some(scenario) = &request.scenario else {
            return;
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        tracing::info!(participant = %participant.sid, ?scenario, "scenario is simulated");
        match scenario {
            Scenario::SpeakerUpdate(seconds) => {
                let seconds = u64::try_from(*seconds).unwrap_or(0).min(LONGEST_SPEECH);
                let ends = now.instant + Duration::from_secs(seconds);
                self.simulations.speech_ends.push((ends, key));
                self.wake_at(ends);
                self.send_simulated_speech(key, true);
            }
            // The client finds its media gone, as after a crash.
            Scenario::NodeFailure(_) | Scenario::Migration(_) => {
                participant.signal.close();
                self.remove(key, CloseReason::Simulated, now);
            }
            Scenario::ServerLeave(_) => self.remove(key, CloseReason::Simulated, now),
            Scenario::LeaveRequestFullReconnect(_) => {
                let protocol = participant.protocol();
                participant.send(Message::Leave(leave_request(
                    proto::DisconnectReason::ClientInitiated,
                    proto::leave_request::Action::Reconnect,
                    protocol,
                )));
                participant.signal.close();
                self.remove(key, CloseReason::Simulated, now);
            }
            Scenario::SwitchCandidateProtocol(_) => self.restart_ice(key, now),
            Scenario::SubscriberBandwidth(bps) => {
                let limit = u64::try_from(*bps).ok().filter(|bps| *bps > 0);
                participant.bandwidth_cap = limit;
            }
            Scenario::DisconnectSignalOnResume(_) => {
                let until = now.instant + SIGNAL_LOSS;
                self.simulations.signal_loss.insert(key, (until, false));
            }
            Scenario::DisconnectSignalOnResumeNoMessages(_) => {
                let until = now.instant + SIGNAL_LOSS;
                self.simulations.signal_loss.insert(key, (until, true));
            }
        }
    }

    /// Ends simulated speech.
    pub(super) fn end_simulated_speech(&mut self, now: Now) {
        let due: Vec<_> = self
            .simulations
            .speech_ends
            .extract_if(.., |(ends, _)| *ends <= now.instant)
            .map(|(_, key)| key)
            .collect();
        for key in due {
            self.send_simulated_speech(key, false);
        }
        if let Some(next) = self
            .simulations
            .speech_ends
            .iter()
            .map(|(ends, _)| *ends)
            .min()
        {
            self.wake_at(next);
        }
    }

    fn send_simulated_speech(&mut self, key: ParticipantKey, active: bool) {
        let Some(speaker) = self.roster.get(key).map(|found| found.sid.clone()) else {
            return;
        };
        let level = if active { SPEAKER_LEVEL } else { 0.0 };
        let speakers = vec![speaker_info(&speaker, level, active)];
        for participant in self.roster.iter_mut() {
            participant.send(Message::SpeakersChanged(proto::SpeakersChanged {
                speakers: speakers.clone(),
            }));
        }
    }
}
