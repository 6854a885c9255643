// A walk through Linux's memory layers, in a .NET process. Each step does something, and prints what really happened.
using KernelTour;

// A step that leaves something behind does not belong in this tour.
SlabGen.SlabRuntime.LeaksFound += static report => throw new InvalidOperationException(report.ToString(), report.Error);

PagesAndZones.Run();
ZonesByAttribute.Run();
Scarcity.Run();
FreeLists.Run();
ControlCentre.Run();
SlabsAndColors.Run();
Reaping.Run();
