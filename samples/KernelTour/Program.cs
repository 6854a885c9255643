// A walk through Linux's memory layers, in a .NET process: each step does something, and prints what really happened.
using KernelTour;

PagesAndZones.Run();
Scarcity.Run();
FreeLists.Run();
ControlCentre.Run();
SlabsAndColors.Run();
Reaping.Run();
