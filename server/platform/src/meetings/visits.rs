//! What one person did in one meeting, however often they came and with how many devices.

use std::collections::HashMap;

use super::{model::Attendance, store::AttendanceRow};
use crate::clock::Timestamp;

/// Makes one attendance of all stays of each person, in the order in which people first came.
pub fn merge(stays: Vec<AttendanceRow>, now: Timestamp) -> Vec<Attendance> {
    let mut people: Vec<Person> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut stays = stays;
    stays.sort_by_key(|stay| stay.joined_at);
    for stay in stays {
        if let Some(&place) = places.get(&stay.subject) {
            people[place].came_again(&stay, now);
        } else {
            people.push(Person::came(&stay, now));
            places.insert(stay.subject, people.len() - 1);
        }
    }
    people.into_iter().map(|person| person.attendance).collect()
}

struct Person {
    attendance: Attendance,
    /// Until when their time is counted.
    counted: Timestamp,
    milliseconds: u128,
}

impl Person {
    fn came(stay: &AttendanceRow, now: Timestamp) -> Person {
        let mut person = Person {
            counted: stay.joined_at,
            milliseconds: 0,
            attendance: Attendance {
                identity: stay.identity.clone(),
                name: stay.name.clone(),
                user_id: stay.user_id.clone(),
                joined_at: stay.joined_at,
                left_at: stay.left_at,
                seconds: 0,
                visits: 0,
            },
        };
        person.count(stay, now);
        person
    }

    fn came_again(&mut self, stay: &AttendanceRow, now: Timestamp) {
        self.attendance.left_at = match (self.attendance.left_at, stay.left_at) {
            (Some(before), Some(left_at)) => Some(before.max(left_at)),
            // On one device they are still there.
            _ => None,
        };
        self.attendance.identity.clone_from(&stay.identity);
        self.attendance.name.clone_from(&stay.name);
        self.count(stay, now);
    }

    /// Time with two devices is time once.
    fn count(&mut self, stay: &AttendanceRow, now: Timestamp) {
        let left_at = stay.left_at.unwrap_or(now);
        let from = self.counted.max(stay.joined_at);
        self.milliseconds += left_at.since(from).as_millis();
        self.counted = self.counted.max(left_at);
        self.attendance.visits += 1;
        self.attendance.seconds = u64::try_from(self.milliseconds / 1000).unwrap_or(u64::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        livekit::identity::Identity,
        meetings::model::{AttendanceId, MeetingId},
        random::Random,
    };

    fn stay(identity: &str, from: i64, to: Option<i64>) -> AttendanceRow {
        let random = Random::seeded(1);
        AttendanceRow {
            id: AttendanceId::new(&random, Timestamp(0)),
            meeting_id: MeetingId::new(&random, Timestamp(0)),
            sid: String::new(),
            identity: identity.to_owned(),
            subject: identity.parse::<Identity>().unwrap().subject().to_string(),
            name: identity.to_owned(),
            user_id: None,
            joined_at: Timestamp(from * 1000),
            left_at: to.map(|to| Timestamp(to * 1000)),
            seen_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn visits_of_one_person_are_one_attendance_and_two_devices_count_once() {
        let (phone, laptop) = (
            "u-0199d5a0-0000-7000-8000-000000000001-p",
            "u-0199d5a0-0000-7000-8000-000000000001-l",
        );
        let merged = merge(
            vec![
                stay(laptop, 40, Some(50)),
                stay(phone, 0, Some(10)),
                stay("g-1", 5, None),
                stay(laptop, 5, Some(20)),
            ],
            Timestamp(60_000),
        );
        assert_eq!(merged.len(), 2);
        let person = &merged[0];
        assert_eq!((person.seconds, person.visits), (30, 3));
        assert_eq!(
            (person.joined_at, person.left_at),
            (Timestamp(0), Some(Timestamp(50_000)))
        );
        assert_eq!(person.identity, laptop);
        assert_eq!((merged[1].seconds, merged[1].left_at), (55, None));
    }
}
