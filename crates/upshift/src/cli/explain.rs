//! `upshift explain [CODE…]`: the page of a code, or the list of all codes.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::render::Paint;
use crate::codes;
use crate::exit::Exit;
use crate::pages::{self, Page};
use crate::trouble::{Stop, Trouble};

/// Print the page of a code, or list all codes.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Codes as they were printed, for example UP-CONF-0003; all are listed where none is given.
    #[arg(value_name = "CODE")]
    pub codes: Vec<String>,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Row {
    code: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct PageView {
    code: &'static str,
    title: &'static str,
    sections: Vec<SectionView>,
}

#[derive(Serialize)]
struct SectionView {
    title: &'static str,
    text: &'static str,
}

/// Prints the pages.
///
/// # Errors
/// When a code has no page.
pub fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    if args.codes.is_empty() {
        list(args.json)?;
        return Ok(Exit::Done);
    }
    let found: Vec<Result<Page, Trouble>> = args.codes.iter().map(|code| page(code)).collect();
    let pages: Vec<Page> = found
        .iter()
        .filter_map(|found| found.as_ref().ok().copied())
        .collect();
    let troubles: Vec<Trouble> = found.into_iter().filter_map(Result::err).collect();
    match (args.json, pages.as_slice()) {
        (_, []) => {}
        (true, pages) => super::say_json(&pages.iter().map(|page| view(*page)).collect::<Vec<_>>())?,
        (false, pages) => {
            let texts: Vec<_> = pages.iter().map(|page| painted(page.text, paint)).collect();
            super::say(&texts.join("\n"))?;
        }
    }
    if troubles.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(troubles.into())
    }
}

fn page(code: &str) -> Result<Page, Trouble> {
    pages::find(code).ok_or_else(|| {
        let near = pages::nearest(code);
        let hint = near.map_or_else(String::new, |page| format!("; did you mean {}?", page.code));
        let trouble = Trouble::usage(
            codes::UNKNOWN_CODE,
            format!("no page for the code {code:?}{hint}"),
        );
        match near {
            Some(page) => trouble.next(format!("upshift explain {}", page.code)),
            None => trouble.next("upshift explain lists all codes"),
        }
    })
}

fn list(json: bool) -> std::io::Result<()> {
    let rows: Vec<Row> = pages::all()
        .map(|page| Row {
            code: page.code,
            title: page.title(),
        })
        .collect();
    if json {
        return super::say_json(&rows);
    }
    let lines: Vec<_> = rows
        .iter()
        .map(|row| format!("{:<14} {}", row.code, row.title))
        .collect();
    super::say(&lines.join("\n"))
}

fn view(page: Page) -> PageView {
    let sections = page
        .sections()
        .into_iter()
        .map(|(title, text)| SectionView { title, text })
        .collect();
    PageView {
        code: page.code,
        title: page.title(),
        sections,
    }
}

/// The page with its headings in bold, where there is colour, and otherwise as it is.
fn painted(text: &str, paint: Paint) -> String {
    let lines = text.lines().map(|line| {
        if line.starts_with('#') {
            paint.bold(line)
        } else {
            line.to_owned()
        }
    });
    lines.fold(String::new(), |text, line| text + &line + "\n")
}
