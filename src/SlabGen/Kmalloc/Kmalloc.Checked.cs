namespace SlabGen;

// For what is built above it.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Whether the runtime checks every call (<see cref="SlabRuntimeOptions.Checked"/>): what is built on blocks may
    /// then check as much.
    /// </summary>
    public bool IsChecked => _caches[0].IsChecked;
}
