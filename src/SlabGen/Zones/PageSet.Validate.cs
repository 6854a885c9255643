namespace SlabGen.Zones;

// Counts the invariants that do not hold.
internal sealed partial class PageSet
{
    /// <summary>Looks at every block. Takes the set's lock.</summary>
    public unsafe void Validate(ValidationReport report)
    {
        Lock();
        int pages = 0;
        for (int order = 0; order <= MaxOrder; order++)
        {
            for (int i = 0; i < _rings[order].Count; i++)
            {
                PageFrame* frame = zone.Frame(_rings[order].At(i));
                if (frame->Flags != PageFlags.InSet || Volatile.Read(ref frame->Count) != 0)
                {
                    report.Add($"page {zone.IndexOf(frame)} waits in a page set, with flags {frame->Flags} and count {frame->Count}");
                }

                pages += 1 << order;
            }
        }

        report.Expect(0, "pages in a page set", _pages, pages);
        Volatile.Write(ref _locked, 0);
    }

    private partial struct Ring
    {
        public readonly uint At(int place) => Blocks[(_first + place) & (Blocks.Length - 1)];
    }
}
