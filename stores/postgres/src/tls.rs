//! TLS for stores that were given none: what the system's certificates vouch for.

use std::{borrow::Cow, sync::Arc};

use cqrs_core::StoreError;
use tokio_postgres::{Config, NoTls, config::SslMode};

use crate::connect::{Connector, Through};

/// Modes of other drivers that ask for what `require` does here: a server that proves its name.
const VERIFYING: [&str; 2] = ["sslmode=verify-full", "sslmode=verify-ca"];

/// A connection string in words that the driver knows.
pub(crate) fn known_mode(url: &str) -> Cow<'_, str> {
    let verifying = VERIFYING.into_iter().find(|mode| url.contains(mode));
    verifying.map_or(Cow::Borrowed(url), |mode| url.replacen(mode, "sslmode=require", 1).into())
}

/// How to connect where no connector was given: with TLS where the connection string requires it.
pub(crate) fn connector(config: &Config) -> Result<Arc<dyn Connector>, StoreError> {
    if config.get_ssl_mode() == SslMode::Require { of_system() } else { Ok(Arc::new(Through(NoTls))) }
}

#[cfg(feature = "tls")]
fn of_system() -> Result<Arc<dyn Connector>, StoreError> {
    use rustls::{ClientConfig, RootCertStore, crypto::ring};

    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    if roots.add_parsable_certificates(found.certs).0 == 0 {
        let why = found.errors.first().map_or_else(|| "none is there".to_owned(), ToString::to_string);
        return Err(unopenable(format!(
            "the system's certificates cannot be had: {why}; install them, name a file of some in `SSL_CERT_FILE`, or give \
             the store a connector of your own with `tls`"
        )));
    }
    // Named, because a program may have two providers, and then none is the default.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unopenable(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(Through(tokio_postgres_rustls::MakeRustlsConnect::new(config))))
}

#[cfg(not(feature = "tls"))]
fn of_system() -> Result<Arc<dyn Connector>, StoreError> {
    Err(unopenable(
        "the connection string requires TLS: turn on the feature `tls` of `cqrs-postgres` (`postgres-tls` of `cqrs`), or \
         give the store a connector of your own with `tls`"
            .to_owned(),
    ))
}

fn unopenable(message: String) -> StoreError {
    StoreError::Unopenable { message, source: None }
}
