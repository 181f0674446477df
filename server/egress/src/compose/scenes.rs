//! Decides what a film of several pictures shows when: scenes with places for pictures. It must not read frames.

use super::plan::{Footage, Room, STEP_MS, Shot, plan};
use crate::record::timeline::{Entry, Event};

/// A film's size in pixels.
pub const WIDTH: u32 = 1280;
/// A film's size in pixels.
pub const HEIGHT: u32 = 720;
/// More could not be told apart.
const MOST_IN_GRID: usize = 16;
const MOST_BESIDE: usize = 4;
/// No scene is shorter: what changes meanwhile shows with the next.
const SHORTEST_MS: u64 = 2_000;

/// LiveKit's layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Everybody alike; a screen share takes most of it.
    Grid,
    /// Who speaks, or a screen, large; others beside.
    Speaker,
    /// One picture.
    SingleSpeaker,
}

impl Layout {
    /// LiveKit's word; the usual one is the grid.
    pub fn of(word: &str) -> Layout {
        match word {
            "single-speaker" => Layout::SingleSpeaker,
            "speaker" => Layout::Speaker,
            _ => Layout::Grid,
        }
    }
}

/// A picture's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Which picture, an index.
    pub footage: usize,
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// A stretch of time in which nothing changes place, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    pub at: u64,
    pub until: u64,
    pub tiles: Vec<Tile>,
}

/// The scenes of a film of `duration` milliseconds, without gaps, each a multiple of [`STEP_MS`].
pub fn scenes(
    timeline: &[Entry],
    footage: &[Footage],
    layout: Layout,
    duration: u64,
) -> Vec<Scene> {
    let shots = plan(timeline, footage);
    let mut events = timeline.iter().peekable();
    let (mut room, mut layout) = (Room::default(), layout);
    let mut scenes: Vec<Scene> = Vec::new();
    for at in (0..duration).step_by(usize::try_from(STEP_MS).unwrap_or(1)) {
        while let Some(entry) = events.next_if(|entry| entry.at <= at) {
            if let Event::Layout { layout: word } = &entry.event {
                layout = Layout::of(word);
            }
            room.apply(&entry.event);
        }
        let visible: Vec<usize> = (0..footage.len())
            .filter(|index| room.is_seen(&footage[*index], at))
            .collect();
        let main = shown_at(&shots, at).filter(|main| visible.contains(main));
        let tiles = tiles(layout, footage, &visible, main);
        let until = at + STEP_MS;
        match scenes.last_mut() {
            Some(last)
                if last.tiles == tiles || at < last.at + SHORTEST_MS && !last.tiles.is_empty() =>
            {
                last.until = until;
            }
            _ => scenes.push(Scene { at, until, tiles }),
        }
    }
    scenes
}

fn shown_at(shots: &[Shot], at: u64) -> Option<usize> {
    let next = shots.partition_point(|shot| shot.at <= at);
    Some(shots[next.checked_sub(1)?].footage)
}

fn tiles(layout: Layout, footage: &[Footage], visible: &[usize], main: Option<usize>) -> Vec<Tile> {
    let screen = main.filter(|main| footage[*main].is_screen);
    match (layout, main.or(visible.first().copied())) {
        (_, None) => Vec::new(),
        (Layout::SingleSpeaker, Some(main)) => grid(&[main]),
        (Layout::Grid, _) if screen.is_none() => grid(&visible[..visible.len().min(MOST_IN_GRID)]),
        (Layout::Grid | Layout::Speaker, Some(main)) => {
            let beside: Vec<_> = visible
                .iter()
                .copied()
                .filter(|other| *other != main)
                .take(MOST_BESIDE)
                .collect();
            speaker(main, &beside)
        }
    }
}

/// Sizes and places are even, as encoders want them.
fn grid(pictures: &[usize]) -> Vec<Tile> {
    let count = u32::try_from(pictures.len()).unwrap_or(1);
    let columns = (1..=count)
        .find(|columns| columns * columns >= count)
        .unwrap_or(1);
    let rows = count.div_ceil(columns.max(1));
    let (width, height) = (WIDTH / columns / 2 * 2, HEIGHT / rows.max(1) / 2 * 2);
    (0..)
        .zip(pictures)
        .map(|(index, footage)| {
            let row = index / columns;
            let in_row = columns.min(count - row * columns);
            let left = (WIDTH - in_row * width) / 4 * 2;
            Tile {
                footage: *footage,
                x: left + index % columns * width,
                y: row * height,
                width,
                height,
            }
        })
        .collect()
}

fn speaker(main: usize, beside: &[usize]) -> Vec<Tile> {
    if beside.is_empty() {
        return grid(&[main]);
    }
    let strip = WIDTH / 4;
    let large = Tile {
        footage: main,
        x: 0,
        y: 0,
        width: WIDTH - strip,
        height: HEIGHT,
    };
    let height = HEIGHT / 4;
    let small = (0..).zip(beside).map(|(index, footage)| Tile {
        footage: *footage,
        x: WIDTH - strip,
        y: index * height,
        width: strip,
        height,
    });
    std::iter::once(large).chain(small).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footage(identity: &str, is_screen: bool, starts_at: u64, ends_at: u64) -> Footage {
        Footage {
            track: format!("TR_{identity}_{is_screen}"),
            identity: identity.to_owned(),
            is_screen,
            starts_at,
            ends_at,
        }
    }

    fn shown(scenes: &[Scene]) -> Vec<(u64, u64, Vec<usize>)> {
        let pictures = |scene: &Scene| scene.tiles.iter().map(|tile| tile.footage).collect();
        scenes
            .iter()
            .map(|scene| (scene.at, scene.until, pictures(scene)))
            .collect()
    }

    #[test]
    fn everybody_is_in_the_grid_while_they_are_there_and_a_screen_takes_most_of_it() {
        let all = [
            footage("ada", false, 1_000, 60_000),
            footage("bob", false, 10_000, 60_000),
            footage("bob", true, 20_000, 30_000),
        ];
        let scenes = scenes(&[], &all, Layout::Grid, 40_000);
        let expected = [
            (0, 1_000, vec![]),
            (1_000, 10_000, vec![0]),
            (10_000, 20_000, vec![0, 1]),
            (20_000, 30_000, vec![2, 0, 1]),
            (30_000, 40_000, vec![0, 1]),
        ];
        assert_eq!(shown(&scenes), expected);
    }

    #[test]
    fn no_scene_is_shorter_than_two_seconds() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", false, 400, 60_000),
            footage("cleo", false, 800, 60_000),
        ];
        let scenes = scenes(&[], &all, Layout::Grid, 10_000);
        assert_eq!(
            shown(&scenes),
            [(0, 2_000, vec![0]), (2_000, 10_000, vec![0, 1, 2])]
        );
    }

    #[test]
    fn tiles_are_even_do_not_overlap_and_stay_inside() {
        for count in 1..=MOST_IN_GRID {
            let pictures: Vec<_> = (0..count).collect();
            let tiles = grid(&pictures);
            for (index, tile) in tiles.iter().enumerate() {
                assert!(tile.x + tile.width <= WIDTH && tile.y + tile.height <= HEIGHT);
                assert_eq!(
                    (tile.width | tile.height | tile.x | tile.y) % 2,
                    0,
                    "{tile:?}"
                );
                for other in &tiles[index + 1..] {
                    let apart = tile.x + tile.width <= other.x
                        || other.x + other.width <= tile.x
                        || tile.y + tile.height <= other.y;
                    assert!(apart, "{tile:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_layout_can_change_in_the_middle() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", false, 0, 60_000),
        ];
        let layout = |at, word: &str| Entry {
            at,
            event: Event::Layout {
                layout: word.to_owned(),
            },
        };
        let timeline = [layout(10_000, "single-speaker")];
        let scenes = scenes(&timeline, &all, Layout::Grid, 20_000);
        assert_eq!(
            shown(&scenes),
            [(0, 10_000, vec![0, 1]), (10_000, 20_000, vec![0])]
        );
    }
}
