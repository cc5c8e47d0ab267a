// SPDX-License-Identifier: GPL-2.0

//! How it looks.

use super::{
    state::State,
    table,
    track::blocks, //
};
use crate::output::{
    grid::short_number,
    paper::colours_wanted, //
};
use ratatui::{
    layout::{
        Constraint,
        Layout,
        Rect, //
    },
    style::{
        Color,
        Modifier,
        Style, //
    },
    text::Line,
    widgets::{
        Block,
        Clear,
        Paragraph,
        Wrap, //
    },
    Frame,
};

const HELP: &[&str] = &[
    "Up Down PgUp PgDn Home End   choose a service or a server (also k j g G)",
    "Enter, Space                 hide or show servers of the service; f those of all",
    "d                            drain the server: it gets no new connections and",
    "                             goes when it has none left (asks first)",
    "r                            make it ready: it stays (asks first)",
    "s                            order by name, connections, or traffic",
    "+ -                          look more often, less often",
    "p                            pause and go on",
    "q, Esc, Ctrl-C               quit",
];

/// A colour, if there may be any.
fn coloured(style: Style, colour: Color) -> Style {
    match colours_wanted() {
        true => style.fg(colour),
        false => style,
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, state: &mut State) {
    /// Lines that the summary takes; without room for it there are only rows.
    const SUMMARY: u16 = 4;
    const LEAST: u16 = 10;

    let area = frame.area();
    let summary = if area.height < LEAST { 1 } else { SUMMARY };
    let [top, titles, body, foot] = Layout::vertical([
        Constraint::Length(summary),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(self::summary(state, top)), top);
    rows(frame, state, titles, body);
    frame.render_widget(footer(state), foot);
    if state.help {
        let text: Vec<Line<'_>> = HELP.iter().map(|line| Line::from(*line)).collect();
        popup(frame, " Keys ", text);
    }
    if let Some(prompt) = &state.prompt {
        let text = vec![
            Line::from(prompt.text.clone()),
            Line::default(),
            Line::styled("y yes, any other key no", Modifier::BOLD),
        ];
        popup(frame, " Sure? ", text);
    }
}

/// What the whole namespace does.
fn summary(state: &State, area: Rect) -> Vec<Line<'static>> {
    let info = &state.info;
    let limit = info.conn_limit.filter(|limit| *limit != 0);
    let limit = limit.map_or(String::new(), |limit| {
        format!(" of {}", short_number(u64::from(limit)))
    });
    let mut head = format!(
        "rvs {}  services {}  servers {}  connections {}{limit}  every {} s",
        info.version,
        info.services,
        info.servers,
        info.conns,
        state.pause.as_secs_f32()
    );
    if state.paused {
        head.push_str("  PAUSED");
    }
    let rate = &state.total.rate;
    let width = usize::from(area.width);
    let graph = |text: String, past| {
        let room = width.saturating_sub(text.chars().count());
        Line::from(format!("{text}{}", blocks(past, room)))
    };
    let conns = format!("connections/s {:>6}  ", short_number(rate.conns));
    let packets = format!(
        "packets/s in {:>6} out {:>6}  bytes/s in {:>6} out {:>6}  ",
        short_number(rate.in_pkts),
        short_number(rate.out_pkts),
        short_number(rate.in_bytes),
        short_number(rate.out_bytes)
    );
    let dropping = state.drops.iter().any(|(_, _, rate)| *rate != 0);
    let drops = Line::from(drops(state));
    vec![
        Line::styled(head, Modifier::BOLD),
        graph(conns, &state.total.conns),
        graph(packets, &state.total.packets),
        match dropping {
            true => drops.style(coloured(Style::new(), Color::Red)),
            false => drops,
        },
    ]
}

/// `drops/s 12: no-server 10, too-big 2`, or what was dropped in all.
fn drops(state: &State) -> String {
    let total: u64 = state.drops.iter().map(|(_, packets, _)| *packets).sum();
    let rate: u64 = state.drops.iter().map(|(_, _, rate)| *rate).sum();
    let named = state.drops.iter().filter(|(_, packets, _)| *packets != 0);
    let named = named.map(|(name, packets, rate)| match *rate {
        0 => format!("{name} {}", short_number(*packets)),
        rate => format!(
            "{name} {} (+{}/s)",
            short_number(*packets),
            short_number(rate)
        ),
    });
    let named: Vec<String> = named.collect();
    let (total, rate) = (short_number(total), short_number(rate));
    match named.is_empty() {
        true => "drops/s      0  in all 0".to_owned(),
        false => format!("drops/s {rate:>6}  in all {total}: {}", named.join(", ")),
    }
}

fn rows(frame: &mut Frame<'_>, state: &mut State, titles: Rect, body: Rect) {
    state.page = usize::from(body.height);
    state.bound();
    let last = state.first.saturating_add(state.page).min(state.rows.len());
    let screen = state.first.min(last)..last;
    let shown = state.rows.get(screen.clone()).unwrap_or_default();
    let (head, lines) = table::lines(&state.rows, screen, usize::from(body.width));
    frame.render_widget(Line::styled(head, Modifier::BOLD), titles);
    if state.rows.is_empty() {
        frame.render_widget(Line::from("There are no services."), body);
        return;
    }
    let shown = (state.first..).zip(lines.into_iter().zip(shown));
    let text: Vec<Line<'_>> = shown
        .map(|(index, (line, row))| {
            let mut style = Style::new();
            if row.server.is_none() {
                style = style.add_modifier(Modifier::BOLD);
            }
            if row.closed {
                style = coloured(style, Color::Yellow);
            }
            if index == state.cursor {
                style = style.add_modifier(Modifier::REVERSED);
            }
            Line::styled(line, style)
        })
        .collect();
    frame.render_widget(Paragraph::new(text), body);
}

/// What there is to say, or which keys there are.
fn footer(state: &State) -> Line<'static> {
    match &state.notice {
        Some(notice) if notice.bad => {
            Line::styled(notice.text.clone(), coloured(Style::new(), Color::Red))
        }
        Some(notice) => Line::from(notice.text.clone()),
        None => Line::from(format!(
            "q quit  ? help  d drain  r ready  s order: {}  Enter fold  p pause",
            state.order.name()
        )),
    }
}

/// A box in the middle.
fn popup(frame: &mut Frame<'_>, title: &'static str, text: Vec<Line<'static>>) {
    let area = frame.area();
    let widest = text.iter().map(Line::width).max().unwrap_or_default();
    let widest = u16::try_from(widest).unwrap_or(u16::MAX);
    let inner = widest.min(area.width.saturating_sub(4)).max(1);
    let lines = text.iter().map(|line| {
        let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
        width.div_ceil(inner).max(1)
    });
    // Words that do not fit in a line take a part of the next.
    let spare = u16::from(widest > inner);
    let height = lines.sum::<u16>().saturating_add(spare).saturating_add(2);
    let height = height.min(area.height);
    let width = inner.saturating_add(4).min(area.width);
    let place = Rect {
        x: area.width.saturating_sub(width) / 2,
        y: area.height.saturating_sub(height) / 2,
        width,
        height,
    };
    let block = Block::bordered().title(title);
    let text = Paragraph::new(text).wrap(Wrap { trim: false });
    frame.render_widget(Clear, place);
    frame.render_widget(text.block(block), place);
}
