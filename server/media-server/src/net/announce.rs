//! The addresses of the moment: found at the start and looked at again, since networks come late and DHCP moves them.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use parking_lot::RwLock;
use tokio::{net::lookup_host, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    address::{Addresses, useful},
    stun,
};
use crate::config::Filter;
use crate::peer::LocalCandidate;

/// A resolver that is slow must not hold up the start for long.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Names are resolved again after so many looks at the interfaces.
const RESOLVE_AGAIN: u32 = 15;

/// An address of this machine and the interface that has it.
pub type Interface = (String, IpAddr);

/// Lists this machine's interfaces; passed in, so that a test can move a machine.
pub type ListInterfaces = Arc<dyn Fn() -> io::Result<Vec<Interface>> + Send + Sync>;

/// What the system says.
pub fn system_interfaces() -> ListInterfaces {
    Arc::new(|| {
        let interfaces = if_addrs::get_if_addrs()?;
        Ok(interfaces
            .into_iter()
            .map(|interface| (interface.name.clone(), interface.ip()))
            .collect())
    })
}

/// Which addresses may be told to clients.
#[derive(Clone)]
pub struct AddressConfig {
    /// `rtc.node_ip`: these and no others.
    pub node_ips: Vec<IpAddr>,
    /// The site's own name: what it resolves to is told too, as it may be a router's that passes the ports on.
    pub public_host: Option<String>,
    /// `rtc.use_external_ip`: STUN servers that see this machine from outside; what they see is told first.
    pub external_ip_from: Option<Vec<String>>,
    /// `rtc.enable_loopback_candidate`.
    pub loopback: bool,
    /// `rtc.interfaces`
    pub interface_names: Filter<String>,
    /// `rtc.ips`
    pub ips: Filter<IpNet>,
    /// This machine's addresses.
    pub interfaces: ListInterfaces,
    /// How often they are looked at again.
    pub look_every: Duration,
}

impl AddressConfig {
    /// The addresses of now, and the one from which others see this machine.
    pub(super) async fn find(&self) -> io::Result<(Addresses, Option<IpAddr>)> {
        let public = self.outside().await;
        if public.is_none() && self.asks().is_some() {
            let remark = "no STUN server says from which address this machine is seen; set rtc.node_ip, or open UDP outwards";
            tracing::warn!(servers = ?self.external_ip_from, "{remark}");
        }
        Ok((self.look(public)?, public))
    }

    /// The address from which this machine is seen, or what its public name leads to.
    async fn outside(&self) -> Option<IpAddr> {
        if !self.node_ips.is_empty() {
            return None;
        }
        if let Some(servers) = self.asks()
            && let Some(seen) = stun::external_ip(servers).await
        {
            return Some(seen);
        }
        resolve(self.public_host.as_deref()?).await
    }

    /// Whom it asks from where it is seen, if anybody.
    fn asks(&self) -> Option<&[String]> {
        let servers = self.external_ip_from.as_deref();
        servers.filter(|_| self.node_ips.is_empty())
    }

    fn look(&self, public: Option<IpAddr>) -> io::Result<Addresses> {
        let here = (self.interfaces)()?;
        let all: Vec<IpAddr> = here.iter().map(|(_, ip)| *ip).collect();
        if !self.node_ips.is_empty() {
            return Ok(Addresses::fixed(&self.node_ips, &all));
        }
        let allowed: Vec<IpAddr> = here
            .iter()
            .filter(|(name, _)| self.interface_names.allows(|known| known == name))
            .map(|(_, ip)| *ip)
            .filter(|ip| self.ips.allows(|network| network.contains(ip)))
            .collect();
        Ok(Addresses::found(public, &allowed, self.loopback))
    }
}

/// An address that other machines reach, IPv4 where there is one.
async fn resolve(host: &str) -> Option<IpAddr> {
    if let Ok(ip) = host.trim_matches(['[', ']']).parse() {
        return Some(ip).filter(useful);
    }
    let found = timeout(RESOLVE_TIMEOUT, lookup_host((host, 0))).await;
    let mut found: Vec<IpAddr> = found
        .ok()?
        .ok()?
        .map(|address| address.ip())
        .filter(useful)
        .collect();
    // Resolvers turn their lists round: the lowest stays the same.
    found.sort_unstable();
    found.into_iter().next()
}

/// The addresses of the moment, for everybody who needs them.
#[derive(Debug, Clone)]
pub(super) struct Announced(Arc<RwLock<Arc<Addresses>>>);

impl Announced {
    pub(super) fn new(addresses: Addresses) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(addresses))))
    }

    pub(super) fn now(&self) -> Arc<Addresses> {
        self.0.read().clone()
    }

    /// Looks again and again until `shutdown`; new connections are told what was found last.
    pub(super) async fn follow(
        self,
        config: AddressConfig,
        mut public: Option<IpAddr>,
        shutdown: CancellationToken,
    ) {
        // A machine that moved is seen elsewhere, and one that nobody saw may be seen now.
        let mut moved = false;
        for round in 1_u32.. {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(config.look_every) => {}
            }
            let unseen = public.is_none() && config.asks().is_some();
            if round % RESOLVE_AGAIN == 0 || moved || unseen {
                // A server that fails for a while changes nothing.
                public = config.outside().await.or(public);
            }
            match config.look(public) {
                Ok(found) if found != *self.now() => {
                    tracing::info!(addresses = ?found.advertised(), "media is announced anew");
                    *self.0.write() = Arc::new(found);
                    moved = true;
                }
                Ok(_) => moved = false,
                Err(error) => tracing::warn!(%error, "cannot list network interfaces"),
            }
        }
    }
}

/// What to offer to clients now.
#[derive(Debug, Clone)]
pub struct Candidates {
    announced: Announced,
    udp: u16,
    second_udp: Option<u16>,
    tcp: Option<u16>,
}

impl Candidates {
    pub(super) const fn new(
        announced: Announced,
        (udp, second_udp): (u16, Option<u16>),
        tcp: Option<u16>,
    ) -> Self {
        Self {
            announced,
            udp,
            second_udp,
            tcp,
        }
    }

    /// Where UDP is read: the second port after the first, so that it is taken where the first leads nowhere.
    pub fn udp(&self) -> Vec<SocketAddr> {
        let addresses = self.announced.now();
        let at = |port: u16| {
            let addresses = addresses.advertised().iter();
            addresses.map(move |ip| SocketAddr::new(*ip, port))
        };
        at(self.udp)
            .chain(self.second_udp.into_iter().flat_map(at))
            .collect()
    }

    /// The first address that clients are told.
    pub fn first_ip(&self) -> Option<IpAddr> {
        self.announced.now().advertised().first().copied()
    }

    /// UDP first, in order of preference.
    pub fn now(&self) -> Vec<LocalCandidate> {
        let addresses = self.announced.now();
        let advertised = addresses.advertised();
        let udp = self.udp().into_iter().map(LocalCandidate::Udp);
        let tcp = self.tcp.into_iter().flat_map(|port| {
            advertised
                .iter()
                .map(move |ip| LocalCandidate::TcpPassive(SocketAddr::new(*ip, port)))
        });
        udp.chain(tcp).collect()
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;
    use stun_types::{
        attribute::XorMappedAddress,
        message::{Message, MessageWriteVec},
        prelude::{MessageWrite, MessageWriteExt},
    };
    use tokio::net::UdpSocket;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn config(interfaces: ListInterfaces) -> AddressConfig {
        AddressConfig {
            node_ips: Vec::new(),
            public_host: None,
            external_ip_from: None,
            loopback: false,
            interface_names: Filter::default(),
            ips: Filter::default(),
            interfaces,
            look_every: Duration::from_millis(1),
        }
    }

    async fn told(config: &AddressConfig) -> Vec<IpAddr> {
        config.find().await.unwrap().0.advertised().to_vec()
    }

    fn machine(interfaces: &[(&str, &str)]) -> ListInterfaces {
        let interfaces: Vec<_> = interfaces
            .iter()
            .map(|(name, address)| ((*name).to_owned(), ip(address)))
            .collect();
        Arc::new(move || Ok(interfaces.clone()))
    }

    #[tokio::test]
    async fn livekits_filters_choose_interfaces_and_addresses() {
        let here = machine(&[
            ("lo", "127.0.0.1"),
            ("eth0", "192.0.2.7"),
            ("docker0", "172.17.0.1"),
            ("wg0", "10.8.0.2"),
        ]);
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let nets = |nets: &[&str]| nets.iter().map(|net| net.parse().unwrap()).collect();
        let mut some = config(here.clone());
        some.interface_names.excludes = list(&["docker0", "wg0"]);
        assert_eq!(told(&some).await, [ip("192.0.2.7")]);
        let mut some = config(here.clone());
        some.interface_names.includes = list(&["wg0"]);
        assert_eq!(told(&some).await, [ip("10.8.0.2")]);
        let mut some = config(here.clone());
        some.ips.excludes = nets(&["172.16.0.0/12"]);
        assert_eq!(told(&some).await, [ip("192.0.2.7"), ip("10.8.0.2")]);
        let mut some = config(here);
        some.ips.includes = nets(&["192.0.2.0/24"]);
        some.public_host = Some("203.0.113.9".to_owned());
        assert_eq!(told(&some).await, [ip("203.0.113.9"), ip("192.0.2.7")]);
        some.node_ips = vec![ip("198.51.100.1")];
        assert_eq!(told(&some).await, [ip("198.51.100.1")]);
    }

    #[test]
    fn a_second_port_of_udp_comes_after_the_first_and_before_tcp() {
        let found = [ip("192.0.2.7"), ip("2001:db8::7")];
        let announced = Announced::new(Addresses::found(None, &found, false));
        let candidates = Candidates::new(announced, (7882, Some(443)), Some(7881));
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let udp = [
            "192.0.2.7:7882",
            "[2001:db8::7]:7882",
            "192.0.2.7:443",
            "[2001:db8::7]:443",
        ];
        assert_eq!(candidates.udp(), udp.map(at));
        let told = candidates.now();
        assert_eq!(told[..4], udp.map(|text| LocalCandidate::Udp(at(text))));
        let tcp = ["192.0.2.7:7881", "[2001:db8::7]:7881"];
        assert_eq!(
            told[4..],
            tcp.map(|text| LocalCandidate::TcpPassive(at(text)))
        );
    }

    #[tokio::test]
    async fn a_network_that_comes_late_and_moves_is_announced() {
        let here = Arc::new(Mutex::new(vec![("lo".to_owned(), ip("127.0.0.1"))]));
        let listed = here.clone();
        let config = config(Arc::new(move || Ok(listed.lock().clone())));
        let announced = Announced::new(config.find().await.unwrap().0);
        let candidates = Candidates::new(announced.clone(), (7882, None), None);
        let shutdown = CancellationToken::new();
        let following = tokio::spawn(announced.follow(config, None, shutdown.clone()));
        let offers = async |address: &str| {
            let wanted = [LocalCandidate::Udp(SocketAddr::new(ip(address), 7882))];
            while candidates.now() != wanted {
                tokio::task::yield_now().await;
            }
        };
        offers("127.0.0.1").await;
        here.lock().push(("eth0".to_owned(), ip("192.0.2.7")));
        offers("192.0.2.7").await;
        here.lock()[1].1 = ip("192.0.2.8");
        offers("192.0.2.8").await;
        shutdown.cancel();
        following.await.unwrap();
    }

    /// A STUN server that sees everybody at the address of the moment, and is silent while there is none.
    async fn stun_server(sees: Arc<Mutex<Option<IpAddr>>>) -> String {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let seen = *sees.lock();
                let Some(seen) = seen else { continue };
                let question = Message::from_bytes(&buffer[..length]).unwrap();
                let mut answer = Message::builder_success(&question, MessageWriteVec::new());
                let mapped =
                    XorMappedAddress::new(SocketAddr::new(seen, 9), question.transaction_id());
                answer.add_attribute(&mapped).unwrap();
                socket.send_to(&answer.finish(), from).await.unwrap();
            }
        });
        at
    }

    #[tokio::test]
    async fn who_is_behind_a_router_is_announced_as_stun_servers_see_them() {
        let seen = Arc::new(Mutex::new(Some(ip("203.0.113.9"))));
        let mut behind = config(machine(&[("eth0", "10.0.0.2")]));
        let server = stun_server(seen.clone()).await;
        behind.external_ip_from = Some(vec!["nobody.invalid:3478".to_owned(), server]);
        assert_eq!(told(&behind).await, [ip("203.0.113.9"), ip("10.0.0.2")]);
        // The router got another address.
        let (addresses, public) = behind.find().await.unwrap();
        let announced = Announced::new(addresses);
        let candidates = Candidates::new(announced.clone(), (7882, None), None);
        let shutdown = CancellationToken::new();
        *seen.lock() = Some(ip("203.0.113.10"));
        let following = tokio::spawn(announced.follow(behind.clone(), public, shutdown.clone()));
        while candidates.first_ip() != Some(ip("203.0.113.10")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        shutdown.cancel();
        following.await.unwrap();
        // An address that was configured is nobody's guess.
        behind.node_ips = vec![ip("198.51.100.1")];
        assert_eq!(told(&behind).await, [ip("198.51.100.1")]);
    }

    #[tokio::test]
    async fn a_machine_that_nobody_saw_is_looked_for_again() {
        let seen = Arc::new(Mutex::new(None));
        let mut unseen = config(machine(&[("eth0", "10.0.0.2")]));
        unseen.external_ip_from = Some(vec![stun_server(seen.clone()).await]);
        let (addresses, public) = unseen.find().await.unwrap();
        assert_eq!(addresses.advertised(), [ip("10.0.0.2")]);
        let announced = Announced::new(addresses);
        let candidates = Candidates::new(announced.clone(), (7882, None), None);
        let shutdown = CancellationToken::new();
        let following = tokio::spawn(announced.follow(unseen, public, shutdown.clone()));
        *seen.lock() = Some(ip("203.0.113.9"));
        while candidates.first_ip() != Some(ip("203.0.113.9")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        shutdown.cancel();
        following.await.unwrap();
    }
}
