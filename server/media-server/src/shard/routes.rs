//! Who is behind an address; it trusts whoever learns the routes.

use std::collections::HashMap;
use std::hash::Hash;

use crate::peer::Route;

/// A two-way table of routes and their owners.
#[derive(Debug)]
pub struct Routes<K> {
    owners: HashMap<Route, K>,
    routes: HashMap<K, Vec<Route>>,
}

/// A client moves between networks and tries candidates; more routes than this at a time is abuse.
const MAX_ROUTES_PER_OWNER: usize = 32;

impl<K> Default for Routes<K> {
    fn default() -> Self {
        Self {
            owners: HashMap::new(),
            routes: HashMap::new(),
        }
    }
}

impl<K: Copy + Eq + Hash> Routes<K> {
    /// Who is behind a route.
    pub fn owner(&self, route: &Route) -> Option<K> {
        self.owners.get(route).copied()
    }

    /// Notes that a route belongs to `owner`, who has proved it (a STUN request with the right integrity). The
    /// owner's oldest route is forgotten when it has too many.
    pub fn learn(&mut self, route: Route, owner: K) {
        let previous = self.owners.insert(route, owner);
        if previous == Some(owner) {
            return;
        }
        if let Some(routes) = previous.and_then(|previous| self.routes.get_mut(&previous)) {
            routes.retain(|known| *known != route);
        }
        let routes = self.routes.entry(owner).or_default();
        routes.push(route);
        if routes.len() > MAX_ROUTES_PER_OWNER {
            let oldest = routes.remove(0);
            self.owners.remove(&oldest);
        }
    }

    /// Forgets an owner with all its routes.
    pub fn forget(&mut self, owner: K) {
        for route in self.routes.remove(&owner).unwrap_or_default() {
            self.owners.remove(&route);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Transport;

    fn route(port: u16) -> Route {
        Route {
            transport: Transport::Udp,
            local: ([127, 0, 0, 1], 7882).into(),
            remote: ([127, 0, 0, 1], port).into(),
        }
    }

    #[test]
    fn a_route_belongs_to_its_last_owner() {
        let mut routes = Routes::default();
        routes.learn(route(1), 'a');
        routes.learn(route(1), 'b');
        assert_eq!(routes.owner(&route(1)), Some('b'));
        routes.forget('a');
        assert_eq!(routes.owner(&route(1)), Some('b'));
        routes.forget('b');
        assert_eq!(routes.owner(&route(1)), None);
    }

    #[test]
    fn an_owner_keeps_a_bounded_number_of_routes() {
        let mut routes = Routes::default();
        for port in 0..100 {
            routes.learn(route(port), 'a');
        }
        assert_eq!(routes.owner(&route(0)), None);
        assert_eq!(routes.owner(&route(99)), Some('a'));
        assert_eq!(routes.owners.len(), MAX_ROUTES_PER_OWNER);
    }
}
