// A walk through Linux's memory layers, in a .NET process: each step does something, and prints what really happened.
using KernelTour;

// A step that leaves something behind is no step of this tour.
SlabGen.SlabRuntime.LeaksFound += static report => throw new InvalidOperationException(report.ToString(), report.Error);

PagesAndZones.Run();
ZonesByAttribute.Run();
Scarcity.Run();
FreeLists.Run();
ControlCentre.Run();
SlabsAndColors.Run();
Reaping.Run();
