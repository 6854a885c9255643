using SlabGen;

[SlabCache]
public struct Customer
{
    public string Name;
}
