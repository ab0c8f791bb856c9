//! Files and directories that this process may not write.

use std::{
    env::{current_exe, var_os},
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::Path,
};

use cqrs_sqlite::SqliteStore;

use crate::support::{CHILD_PATH, Place, append, child, event, stream, write};

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
#[ignore = "run as a child by `what_may_not_be_written_is_refused_with_the_cure`"]
async fn say_why_not() {
    let Some(path) = var_os(CHILD_PATH) else { return };
    println!("refused {:?}", SqliteStore::open(&path).await.map(drop));
    if fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o222 != 0) {
        wait_for_the_last_connection(Path::new(&path));
    }
}

/// The last connection takes the write-ahead log with it. A file that stays behind would let the next one in.
fn wait_for_the_last_connection(path: &Path) {
    while path.with_extension("db-wal").exists() {
        std::thread::yield_now();
    }
}

/// Permissions mean nothing to root, so a child without its rights does the opening.
fn refusal(binary: &Path, path: &Path) -> String {
    const NOBODY: u32 = 65534;
    let mut child = child(binary, "permissions::say_why_not", path);
    if fs::metadata(path.parent().unwrap()).unwrap().uid() == 0 {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_may_not_be_written_is_refused_with_the_cure() {
    let (programs, place) = (Place::new(), Place::new());
    permit(programs.directory.path(), 0o755);
    let binary = programs.directory.path().join("child");
    fs::copy(current_exe().unwrap(), &binary).unwrap();
    let directory = place.directory.path();
    write(&place.open().await, append().event(event(&stream("a")))).await.unwrap();
    wait_for_the_last_connection(&place.path());

    permit(&place.path(), 0o666);
    permit(directory, 0o777);
    assert!(refusal(&binary, &place.path()).contains("refused Ok"));
    permit(&place.path(), 0o444);
    let read_only_file = refusal(&binary, &place.path());
    permit(&place.path(), 0o666);
    permit(directory, 0o555);
    let read_only_directory = refusal(&binary, &place.path());
    let no_file = refusal(&binary, &directory.join("new.db"));
    permit(directory, 0o755);

    assert!(read_only_file.contains("refused Err(Unwritable"), "{read_only_file}");
    assert!(read_only_file.contains("give this process the right to write it"), "{read_only_file}");
    assert!(read_only_directory.contains("refused Err(Unwritable"), "{read_only_directory}");
    assert!(read_only_directory.contains("give this process the right to write both"), "{read_only_directory}");
    assert!(no_file.contains("refused Err(Unopenable"), "{no_file}");
    assert!(no_file.contains("that this process may write to it"), "{no_file}");
    write(&place.open().await, append().event(event(&stream("a")))).await.unwrap();
}
