//! Real upgrades, dated and with their sources, against what upshift knows: breakages have to be
//! reported, good upgrades must not be called red. The situations hold only what a look can see.

mod case;
mod report;
mod verdicts;
