//! Gives an account another name; `auth` calls it for those who change their own.

use super::{RenameInCalls, User, UserId, UserName, store};
use crate::{
    app::App,
    db::{DbError, Tx},
};

/// Changes the name and nothing else; `None` when the account was deleted meanwhile.
pub async fn rename(
    app: &App,
    tx: &mut Tx,
    id: UserId,
    name: UserName,
) -> Result<Option<User>, DbError> {
    let Some(before) = store::find_to_change(tx, id).await? else {
        return Ok(None);
    };
    let after = User {
        name,
        updated_at: before.next_update(app.now()),
        ..before
    };
    store::save(tx, &after).await?;
    app.jobs.enqueue(tx, &RenameInCalls { user: id }).await?;
    Ok(Some(after))
}
