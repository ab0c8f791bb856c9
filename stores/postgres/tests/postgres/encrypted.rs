//! Encrypted connections, to servers that can prove who they are.

use std::{process::Command, sync::Arc};

use cqrs_postgres::PostgresStore;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use test_server::Server;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::roles::{assert_gapless, connect, full, read_all, unopenable, write};

/// A server that takes encrypted connections only from a role, and who vouches for it.
struct Safe {
    server: Server,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Safe {
    async fn new(host: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let server = Server::builder()
            .set("ssl", "on")
            .file("server.crt", certificate.pem())
            .file("server.key", key.serialize_pem())
            .start()
            .unwrap();
        connect(&format!("{}?sslmode=disable", server.url("postgres"))).await;
        Self { server, issuer }
    }

    fn url(&self, parameters: &str) -> String {
        format!("{}?{parameters}", self.server.url("postgres"))
    }

    fn trusting(&self) -> MakeRustlsConnect {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.issuer.der().to_vec())).unwrap();
        tls(roots)
    }

    /// Whether all connections that there are, are encrypted.
    async fn are_encrypted(&self) -> Vec<bool> {
        let client = connect(&self.url("sslmode=disable")).await;
        let asked = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'cqrs'";
        client.query(asked, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }
}

fn tls(roots: RootCertStore) -> MakeRustlsConnect {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth())
}

#[tokio::test]
async fn a_given_connector_encrypts_every_connection() {
    let safe = Safe::new("127.0.0.1").await;
    for mode in ["require", "verify-full", "verify-ca", "prefer"] {
        let url = safe.url(&format!("sslmode={mode}"));
        let store =
            PostgresStore::builder(url).schema(mode.replace('-', "_")).tls(safe.trusting()).open().await.unwrap();
        write(&store, full("a")).await.unwrap();
        let _lease = cqrs_core::ReadModelStore::lease(&store, "users").await.unwrap();
        assert_gapless(&read_all(&store).await);
        let encrypted = safe.are_encrypted().await;
        assert!(encrypted.len() > 1 && encrypted.iter().all(|is_so| *is_so), "{mode}: {encrypted:?}");
    }
}

#[tokio::test]
async fn a_server_that_proves_nothing_is_refused() {
    let (safe, strange) = (Safe::new("127.0.0.1").await, Safe::new("db.example").await);
    let open = |safe: &Safe, tls| PostgresStore::builder(safe.url("sslmode=require")).tls(tls).open();
    for refused in
        [open(&safe, tls(RootCertStore::empty())), open(&safe, strange.trusting()), open(&strange, strange.trusting())]
    {
        let message = unopenable(refused.await.unwrap_err());
        assert!(message.contains("certificate") && message.contains("prove"), "{message}");
    }
    let plain = Server::start().unwrap();
    let url = format!("{}?sslmode=require", plain.url("postgres"));
    let message = unopenable(PostgresStore::builder(url).tls(safe.trusting()).open().await.unwrap_err());
    assert!(message.contains("does not support TLS") && message.contains("must offer TLS"), "{message}");
    // Asked for nothing, nothing is encrypted.
    drop(PostgresStore::connect(safe.url("sslmode=prefer")).await.unwrap());
    drop(PostgresStore::connect(safe.url("sslmode=disable")).await.unwrap());
}

/// Where the child of the next test finds its server.
const CHILD_URL: &str = "CQRS_POSTGRES_TEST_TLS";

#[tokio::test]
#[ignore = "run as a child by `the_certificates_of_the_system_vouch`"]
async fn connect_with_the_certificates_of_the_system() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    println!("opened: {:?}", PostgresStore::connect(url).await.map(drop));
}

#[tokio::test]
async fn the_certificates_of_the_system_vouch() {
    let safe = Safe::new("127.0.0.1").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), safe.issuer.pem()).unwrap();
    let opened = |certificates: &std::path::Path, mode: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "encrypted::connect_with_the_certificates_of_the_system", "--ignored", "--nocapture"])
            .env(CHILD_URL, safe.url(mode))
            .env("SSL_CERT_FILE", certificates)
            .env_remove("SSL_CERT_DIR");
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };
    let other = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        other.path(),
        CertifiedIssuer::self_signed(CertificateParams::new(Vec::new()).unwrap(), KeyPair::generate().unwrap())
            .unwrap()
            .pem(),
    )
    .unwrap();
    for mode in ["sslmode=require", "sslmode=verify-full"] {
        let told = opened(file.path(), mode);
        if cfg!(feature = "tls") {
            assert!(told.contains("opened: Ok"), "{told}");
            let refused = opened(other.path(), mode);
            assert!(refused.contains("Unopenable") && refused.contains("invalid peer certificate"), "{refused}");
        } else {
            assert!(told.contains("Unopenable") && told.contains("feature `tls`"), "{told}");
        }
    }
    if cfg!(feature = "tls") {
        let none = opened(std::path::Path::new("/nowhere"), "sslmode=require");
        assert!(none.contains("Unopenable") && none.contains("`SSL_CERT_FILE`"), "{none}");
    }
}
