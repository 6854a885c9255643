namespace SlabGen.Zones;

/// <summary>The window of a zone that this system cannot provide, and the reason.</summary>
internal sealed class NoWindow : ZoneWindow
{
    public NoWindow(string shortage) => Shortage = shortage;

    public override string Description => "none";

    public override bool Commit(uint first, uint pages) => false;

    public override bool Decommit(uint first, uint pages) => false;

    public override bool Trim(uint first, uint pages) => false;

    public override void Unmap()
    {
    }
}
