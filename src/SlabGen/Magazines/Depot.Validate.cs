namespace SlabGen.Magazines;

// Counts the invariants that do not hold.
internal sealed partial class Depot
{
    /// <summary>Walks every magazine. The caller holds the depot (<see cref="Hold"/>).</summary>
    /// <param name="report">Counts violations.</param>
    /// <param name="cached">The objects seen in magazines so far.</param>
    public unsafe void Validate(ValidationReport report, CachedObjects cached)
    {
        int full = 0, empty = 0;
        long objects = 0;
        for (int i = 0; i < _shelves.Count; i++)
        {
            Shelf shelf = _shelves[i];
            int onShelf = 0;
            Magazine* newer = null;
            report.Expect(0, "place of a shelf", shelf.Index, i);
            for (Magazine* magazine = shelf.Newest; magazine != null && onShelf <= FullCount; newer = magazine,
                magazine = magazine->Older, onShelf++)
            {
                report.Expect((nint)magazine, "link back of a full magazine", (nint)magazine->Newer, (nint)newer);
                report.Expect((nint)magazine, "rounds of a full magazine", magazine->Count, magazine->Capacity);
                objects += magazine->Count;
                cached.Add(magazine);
            }

            report.Expect(0, "full magazines on a shelf", shelf.Count, onShelf);
            report.Expect(0, "shelves with nothing on them", onShelf == 0 ? 1 : 0, 0);
            full += onShelf;
        }

        for (Magazine* magazine = _empties; magazine != null && empty <= EmptyCount; magazine = magazine->Older,
            empty++)
        {
            report.Expect((nint)magazine, "room of an empty magazine", magazine->Capacity, Rounds);
        }

        report.Expect(0, "full magazines in the depot", FullCount, full);
        report.Expect(0, "objects in the depot", FullObjects, objects);
        report.Expect(0, "empty magazines in the depot", EmptyCount, empty);
    }
}
