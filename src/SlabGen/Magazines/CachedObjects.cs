namespace SlabGen.Magazines;

/// <summary>The objects found in the magazines of a cache. Each may be found only once.</summary>
internal sealed class CachedObjects(ValidationReport report)
{
    private readonly HashSet<nint> _addresses = [];

    public IReadOnlySet<nint> Addresses => _addresses;

    public unsafe void Add(Magazine* magazine) =>
        Add(new ReadOnlySpan<nint>(Magazine.Rounds(magazine), Math.Clamp(magazine->Count, 0, magazine->Capacity)));

    public void Add(ReadOnlySpan<nint> addresses)
    {
        foreach (nint address in addresses)
        {
            if (!_addresses.Add(address))
            {
                report.Add($"0x{address:x} lies in magazines more than once");
            }
        }
    }
}
