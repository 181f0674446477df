//! Every recording of the site in an order, state by state. It must not know what administrators do about them.

use super::{
    order::{Sort, Walk},
    store::{self, Filter, Range, SortedRow, of_state},
};
use crate::{
    accounts::UserId,
    db::{DbError, Reads, text_enum},
    http::{Direction, PageQuery, Problem},
    recordings::model::RecordingState,
};

text_enum! {
    /// What the site's recordings are ordered by.
    SiteSort {
        /// When they were asked for.
        Date => "date",
        /// Their titles, as their letters stand in Unicode.
        Title => "title",
        /// How long their films are.
        Duration => "duration",
        /// How large their films are.
        Size => "size",
    }
}

const STATES: [RecordingState; 8] = [
    RecordingState::Starting,
    RecordingState::Recording,
    RecordingState::Stopping,
    RecordingState::Composing,
    RecordingState::Processing,
    RecordingState::Completed,
    RecordingState::Failed,
    RecordingState::Aborted,
];

/// Which recordings of the site are wanted.
#[derive(Debug)]
pub struct OfSite {
    /// Those of this account's rooms.
    pub owner: Option<UserId>,
    pub state: Option<RecordingState>,
    /// For LIKE.
    pub matching: String,
    pub sort: SiteSort,
    pub direction: Option<Direction>,
}

impl OfSite {
    fn walk(&self) -> Walk {
        let sort = match self.sort {
            SiteSort::Date => Sort::Date,
            SiteSort::Title => Sort::Title,
            SiteSort::Duration => Sort::Duration,
            SiteSort::Size => Sort::Size,
        };
        Walk::with(sort, self.direction)
    }

    /// A page of them, and one more when there is another page.
    pub async fn page(
        &self,
        reads: &mut Reads,
        query: &PageQuery,
    ) -> Result<Vec<SortedRow>, Problem> {
        let walk = self.walk();
        let behind = query.key()?.unwrap_or_else(|| walk.first());
        let most = query.fetch();
        match self.owner {
            Some(owner) => Ok(self.of_owner(reads, owner, behind, most).await?),
            None => Ok(self.of_all(reads, &behind, most).await?),
        }
    }

    async fn of_owner(
        &self,
        reads: &mut Reads,
        owner: UserId,
        behind: String,
        most: i64,
    ) -> Result<Vec<SortedRow>, DbError> {
        let walk = self.walk();
        let Some(statement) = walk.statement() else {
            return Ok(Vec::new());
        };
        let filter = Filter {
            state: self.state.map_or("", RecordingState::as_str),
            matching: self.matching.clone(),
            ..Filter::none()
        };
        let range = Range {
            from: behind,
            last: walk.last(),
            most,
        };
        store::page(reads, statement.of_owners, &[owner], &filter, &range).await
    }

    async fn of_all(
        &self,
        reads: &mut Reads,
        behind: &str,
        most: i64,
    ) -> Result<Vec<SortedRow>, DbError> {
        let statement = statement(self.sort, self.walk().descending);
        let wanted = |state: &RecordingState| self.state.is_none_or(|wanted| wanted == *state);
        let mut rows = Vec::new();
        // Each state is read in the order of its index, and no more of it than a page.
        for state in STATES.into_iter().filter(wanted) {
            let part =
                store::page_of_state(&mut *reads, statement, state, &self.matching, behind, most);
            rows.extend(part.await?);
        }
        Ok(self.walk().merge(rows, most))
    }
}

fn statement(sort: SiteSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (SiteSort::Date, true) => of_state::NEWEST,
        (SiteSort::Date, false) => of_state::OLDEST,
        (SiteSort::Title, true) => of_state::TITLES_DOWN,
        (SiteSort::Title, false) => of_state::TITLES_UP,
        (SiteSort::Duration, true) => of_state::LONGEST,
        (SiteSort::Duration, false) => of_state::SHORTEST,
        (SiteSort::Size, true) => of_state::LARGEST,
        (SiteSort::Size, false) => of_state::SMALLEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, years};

    #[tokio::test]
    async fn a_page_of_any_state_in_any_order_is_found_without_the_others() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        years::pass(db).await;
        for (sort, index) in [
            (SiteSort::Date, "recordings_by_state"),
            (SiteSort::Title, "recordings_by_state_and_title"),
            (SiteSort::Duration, "recordings_by_state_and_duration"),
            (SiteSort::Size, "recordings_by_state_and_size"),
        ] {
            for descending in [false, true] {
                let behind = if descending { "'zzzzzzzz'" } else { "''" };
                // Where nearly all are wanted PostgreSQL may go through all in that order: it finds a page as soon.
                for (state, is_rare) in [("'completed'", false), ("'failed'", true)] {
                    let literals = [state, behind, "'%'", "51"];
                    let plan = db.plan(statement(sort, descending), &literals).await;
                    assert!(!is_rare || plan.contains(index), "{index}: {plan}");
                    for whole in [
                        "SCAN",
                        "Seq Scan on recordings ",
                        "TEMP B-TREE",
                        "Sort Key: recordings",
                    ] {
                        assert!(!plan.contains(whole), "{whole}: {plan}");
                    }
                }
            }
        }
    }
}
