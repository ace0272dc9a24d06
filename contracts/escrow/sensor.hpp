// SPDX-License-Identifier: Apache-2.0
#pragma once

// What sensors show: batches of readings as stretches, stretches as the value that terms ask for.

#include "contracts/context.hpp"
#include "contracts/escrow/evaluate.hpp"

namespace contracts::escrow {

/// The readings of one device in one batch, as far as the watch asks; in order of time, cut after each of these times,
/// so that readings up to one of them can be told from later ones.
std::vector<ledger::Stretch> stretches(std::vector<Reading> readings, Hash const& device,
                                       ledger::SensorWatch const& watch, std::vector<TimeMs> const& cuts);

/// Adds a stretch of the same device that begins later, with the time between the two.
void join(ledger::Stretch& into, ledger::Stretch const& next, ledger::SensorWatch const& watch);

/// Makes room in a full list: two stretches of one device that follow each other become one, else the oldest goes.
void compact(std::vector<ledger::FactEntry>& facts, ledger::SensorWatch const& watch);

/// The value of all readings recorded before the view's moment (since the lane's state was entered, when asked) and
/// not made after the accepted handover of the subject that the lane used last. Nothing when too few devices reported.
std::optional<i128> measure(Sensor const& sensor, View const& view, bool since_state);

/// What the sensor must show as an event.
bool is_beyond(Sensor const& sensor, i128 value);

}  // namespace contracts::escrow
