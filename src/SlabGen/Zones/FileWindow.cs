#pragma warning disable CA1416 // made only where BackingFile.IsSupported says so

using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// Pages in a file, which have no address until they are mapped. Each page has a place in a reserved range of addresses
/// as large as the file. So the address of a mapped page is simple arithmetic.
/// </summary>
internal sealed class FileWindow : ZoneWindow
{
    private readonly IOsMemory _memory;
    private readonly BackingFile _file;
    private readonly long _bytes, _alignment;

    /// <summary>Takes over the file.</summary>
    /// <exception cref="OutOfMemoryException">The address space has no range of this size.</exception>
    public FileWindow(BackingFile file, IOsMemory memory, uint pages, long sectionBytes)
    {
        _file = file;
        _memory = memory;
        _bytes = Page.RoundUp((long)pages << Page.Shift, sectionBytes);
        _alignment = sectionBytes;
        Start = memory.ReserveApart(_bytes, _alignment);
        if (Start == 0)
        {
            file.Dispose();
            throw new OutOfMemoryException($"The address space has no room for {_bytes} bytes ({memory.Name}). Set fewer HighMemOptions.Bytes.");
        }

        SpannedPages = pages;
        Present = [new PageRun(0, pages)];
    }

    public override bool IsMapped => false;

    public override string Description => _file.Description;

    /// <summary>Maps pages at their place.</summary>
    /// <returns>Why it was refused, or <see langword="null"/>.</returns>
    public string? Map(uint first, uint pages) =>
        _file.TryMap(Address(first), Bytes(first), Bytes(pages), out string? refusal) ? null : refusal;

    /// <returns><see langword="false"/> when the system refuses. The pages then stay mapped.</returns>
    public bool Unmap(uint first, uint pages) => BackingFile.TryUnmap(Address(first), Bytes(pages));

    public override bool Commit(uint first, uint pages)
    {
        bool grown = _file.TryGrow(Bytes(first), Bytes(pages), out string? refusal);
        Refusal = refusal;
        return grown;
    }

    public override bool Decommit(uint first, uint pages) => _file.Trim(Bytes(first), Bytes(pages));

    // A hole in a disk file may find no block when it is written again. That is a fault, not an error. So only whole
    // sections go back there: they are grown again before they are used.
    public override bool Trim(uint first, uint pages) => _file.IsInMemory && _file.Trim(Bytes(first), Bytes(pages));

    public override void Unmap()
    {
        _memory.UnmapApart(Start, _bytes, _alignment);
        _file.Dispose();
    }

    private nint Address(uint page) => Start + (nint)Bytes(page);

    private static long Bytes(uint pages) => (long)pages << Page.Shift;
}
