//! Files: whole or not at all, and only what was asked for.

use std::path::Path;

use upshift_drivers::wire::hosts::{Command, FILE_FAILED, Put, Read};

use crate::scene::{LIMIT, fabric, hosts, out};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_whole_and_is_not_sent_twice() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let big: Vec<u8> = (0..2_000_003u32).map(|n| (n * 7 % 256) as u8).collect();
    let from = fabric.dir().join("from");
    upshift_lab::sshd::program_file(&from, "").unwrap();
    std::io::Write::write_all(&mut std::fs::File::create(&from).unwrap(), &big).unwrap();
    for link in hosts.iter() {
        let to = fabric.dir().join(format!("it's {}.bin", link.name()));
        assert_eq!(
            link.put_file(&from, &to, 0o640, LIMIT).await.unwrap(),
            Put::Written
        );
        assert_eq!(std::fs::read(&to).unwrap(), big);
        let mode = out(link, &Command::new("stat", LIMIT).args(["-c", "%a"]).arg(&to)).await;
        assert_eq!(mode, "640\n");
        assert_eq!(
            link.put_file(&from, &to, 0o640, LIMIT).await.unwrap(),
            Put::Already
        );
        assert_eq!(link.put("x", &to, 0o600, LIMIT).await.unwrap(), Put::Written);
        assert_eq!(link.read(&to, 10, LIMIT).await.unwrap().whole().unwrap(), b"x");
        let beside = std::fs::read_dir(fabric.dir()).unwrap().flatten();
        let left: Vec<_> = beside
            .filter(|e| e.file_name().to_string_lossy().contains(".upshift-"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_put_changes_nothing() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        let error = link
            .put("x", Path::new("/no/such/folder/x"), 0o644, LIMIT)
            .await
            .unwrap_err();
        assert_eq!(error.code(), FILE_FAILED, "{error}");
        let folder = fabric.dir().join("h0");
        let error = link.put("x", &folder, 0o644, LIMIT).await.unwrap_err();
        assert!(error.to_string().contains("is a folder"), "{error}");
        let to = folder.join("y");
        let gone = link.put_file(Path::new("/no/such"), &to, 0o644, LIMIT);
        assert_eq!(gone.await.unwrap_err().code(), FILE_FAILED);
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_carried_with_links_and_permissions() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    let from = fabric.dir().join("release");
    std::fs::create_dir_all(from.join("bin/plug ins")).unwrap();
    upshift_lab::sshd::program_file(&from.join("bin/it's run.sh"), "#!/bin/sh\necho ran\n").unwrap();
    upshift_lab::sshd::program_file(&from.join("bin/plug ins/a.jar"), "jar").unwrap();
    std::os::unix::fs::symlink("bin/it's run.sh", from.join("run")).unwrap();
    for link in hosts.iter() {
        let to = fabric.dir().join(format!("to-{}", link.name()));
        assert_eq!(link.put_tree(&from, &to, LIMIT).await.unwrap(), Put::Written);
        assert_eq!(out(link, &Command::new(to.join("run"), LIMIT)).await, "ran\n");
        assert_eq!(link.put_tree(&from, &to, LIMIT).await.unwrap(), Put::Already);
        upshift_lab::sshd::program_file(&to.join("bin/plug ins/a.jar"), "rat").unwrap();
        let error = link.put_tree(&from, &to, LIMIT).await.unwrap_err();
        assert_eq!(error.code(), FILE_FAILED);
        assert!(error.to_string().contains("holds something else"), "{error}");
    }
    hosts.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_seen_is_not_one_that_is_not_there() {
    let fabric = fabric(1);
    let hosts = hosts(&fabric);
    for link in hosts.iter() {
        assert_eq!(
            link.read(Path::new("/no/such/file"), 10, LIMIT).await.unwrap(),
            Read::Absent
        );
        let folder = link.read(fabric.dir(), 10, LIMIT).await.unwrap_err();
        assert!(folder.to_string().contains("is no plain file"), "{folder}");
        let dangling = fabric.dir().join(format!("dangling-{}", link.name()));
        std::os::unix::fs::symlink("/no/such/file", &dangling).unwrap();
        let error = link.read(&dangling, 10, LIMIT).await.unwrap_err();
        assert_eq!(error.code(), FILE_FAILED);
        let cut = link.read(&fabric.config(), 4, LIMIT).await.unwrap();
        assert!(
            matches!(&cut, Read::There { bytes, size } if bytes == b"Host" && *size > 100),
            "{cut:?}"
        );
        assert_eq!(cut.whole(), None);
    }
    hosts.close().await.unwrap();
}
