//! Root works in a data folder as whoever that belongs to, who may put links there that lead anywhere. It must not know what
//! is done there.

use std::{ffi::CString, fs, os::unix::fs::MetadataExt, path::Path};

use anyhow::Context;
use nix::{
    errno::Errno,
    unistd::{
        Gid, Uid, User, getegid, geteuid, initgroups, setegid, seteuid, setgid, setgroups, setuid,
    },
};

/// Whoever is not root stays who they are, and so does root in a folder of its own or one that is not there yet.
struct Owner {
    user: Uid,
    group: Gid,
}

impl Owner {
    fn of(folder: &Path) -> Option<Owner> {
        let about = fs::metadata(folder).ok()?;
        let (user, group) = (about.uid().into(), about.gid().into());
        (geteuid().is_root() && !Uid::is_root(user)).then_some(Owner { user, group })
    }

    /// The groups that this user has in the system, or only the folder's where it does not know the user.
    fn take_groups(&self) -> Result<(), Errno> {
        let known = User::from_uid(self.user).ok().flatten();
        match known.and_then(|user| CString::new(user.name).ok()) {
            Some(name) => initgroups(&name, self.group),
            None => setgroups(&[self.group]),
        }
    }
}

/// From now on this process is the folder's owner, if it was root.
pub fn become_owner(folder: &Path) -> anyhow::Result<()> {
    let Some(owner) = Owner::of(folder) else {
        return Ok(());
    };
    owner
        .take_groups()
        .and_then(|()| setgid(owner.group))
        .and_then(|()| setuid(owner.user))
        .with_context(|| format!("cannot become the owner of {}", folder.display()))
}

/// While it lives, this process acts as the folder's owner, if it was root.
pub struct Acting {
    was: Option<(Uid, Gid)>,
}

/// See [`Acting`].
pub fn act_as_owner(folder: &Path) -> anyhow::Result<Acting> {
    let Some(owner) = Owner::of(folder) else {
        return Ok(Acting { was: None });
    };
    let was = Some((geteuid(), getegid()));
    owner
        .take_groups()
        .and_then(|()| setegid(owner.group))
        .and_then(|()| seteuid(owner.user))
        .with_context(|| format!("cannot act as the owner of {}", folder.display()))?;
    Ok(Acting { was })
}

impl Drop for Acting {
    fn drop(&mut self) {
        if let Some((user, group)) = self.was {
            // Who cannot be root again can do less than root.
            let _ = seteuid(user).and_then(|()| setegid(group));
        }
    }
}
