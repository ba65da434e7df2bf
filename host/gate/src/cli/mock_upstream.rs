//! `witgate mock-upstream`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use crate::mock::{self, Script};

pub(super) fn serve(listen: SocketAddr, script: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let script = match script {
        Some(path) => Script::load(path).map_err(|e| anyhow!("error[{}]: {e}", e.code()))?,
        None => Script::usual(),
    };
    super::runtime()?.block_on(async {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        writeln!(
            out,
            "A scripted model answers at http://{}/v1. What it was sent: /mock/requests",
            listener.local_addr()?
        )?;
        out.flush()?;
        mock::serve(listener, script, async { drop(tokio::signal::ctrl_c().await) }).await?;
        Ok(0)
    })
}
